"""A mock OpenAI-compatible model server on loopback, stdlib only.

The newest user message picks the behaviour, by markers anywhere in the text:

    [[exec CMD]]        first turn: tool call exec{command: CMD}; second turn: final text
    [[read PATH]]       first turn: tool call read{path: PATH}; second turn: final text
    [[tools]]           three turns: exec, then exec and read in parallel, then final text
    [[tool NAME JSON]]  first turn: tool call NAME with those arguments (sessions_spawn, ...)
    [[hold NAME]]       answers only after POST /release/NAME (at most 90 s)
    [[slow SECONDS]]    streams five chunks a second for SECONDS before the answer
    [[big CHARS]]       an answer of CHARS characters
    [[think]]           sends reasoning_content deltas first
    [[error CODE]]      HTTP CODE with an OpenAI style error body (401, 429, 500, 400, ...)
    [[drop]]            starts an answer, then drops the connection
    [[tokens IN OUT]]   the usage to report (by default computed from the length of the texts)

Otherwise it echoes the message. With --log, each request leaves one JSON line with the usage that
was billed (null when the answer was not finished), so that a test can compare accounts.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # run as a script, outside any package
from mock_plan import Plan, content_length, make_plan

Json = dict[str, Any]
HOLD_SECONDS = 90.0
ERROR_TYPES = {401: "authentication_error", 429: "rate_limit_error", 400: "invalid_request_error"}


class Server(ThreadingHTTPServer):
    """The model, its ledger and its gates."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, ledger: Path | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._ledger = ledger
        self._lock = threading.Lock()
        self._gates: dict[str, threading.Event] = {}
        self._count = 0

    def next_number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def gate(self, name: str) -> threading.Event:
        with self._lock:
            return self._gates.setdefault(name, threading.Event())

    def record(self, entry: Json) -> None:
        if self._ledger:
            with self._lock, self._ledger.open("a") as file:
                file.write(json.dumps(entry) + "\n")


class Handler(BaseHTTPRequestHandler):
    """POST /v1/chat/completions, GET /v1/models, POST /release/NAME; GET anything: health."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.endswith("/models"):
            models = [{"id": f"mock-{size}", "object": "model"} for size in ("large", "small")]
            return self._json(200, {"object": "list", "data": models})
        return self._json(200, {"ok": True})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/release/"):
            self.server.gate(self.path.removeprefix("/release/")).set()
            return self._json(200, {"ok": True})
        return self._complete(json.loads(body or b"{}"))

    def _complete(self, body: Json) -> None:
        plan = make_plan(body)
        number = self.server.next_number()
        entry: Json = {
            "n": number,
            "t": time.time(),
            "model": body.get("model"),
            "utility": plan.utility,
            "message": plan.message[-4000:],
            "turn": plan.turn,
            "text": plan.text[:200],
            "calls": [name for name, _ in plan.calls],
            "error": plan.error,
            "usage": None,
        }

        def bill() -> Json:
            """Record before the client can know: whoever saw the answer finds it in the ledger."""
            entry["usage"] = usage_of(body, plan)
            self.server.record(entry)
            return dict(entry["usage"])

        try:
            if plan.error:
                self.server.record(entry)
                self._fail(plan.error)
            else:
                self._answer(body, plan, number, bill)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            if not entry["usage"]:
                self.server.record(entry)

    def _fail(self, code: int) -> None:
        kind = ERROR_TYPES.get(code, "server_error")
        error = {"message": f"mock failure {code}", "type": kind, "code": f"mock_{code}"}
        self._json(code, {"error": error}, {"retry-after": "1"} if code == 429 else {})

    def _answer(self, body: Json, plan: Plan, number: int, bill: Callable[[], Json]) -> None:
        base = {
            "id": f"chatcmpl-mock-{number}",
            "created": int(time.time()),
            "model": body.get("model"),
        }
        calls = [
            {
                "index": index,
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for index, (name, arguments) in enumerate(plan.calls)
        ]
        if body.get("stream"):
            return self._stream(base, plan, calls, bill)
        time.sleep(plan.slow)
        message: Json = {"role": "assistant", "content": plan.text or None}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": plan.finish}
        answer = {**base, "object": "chat.completion", "choices": [choice]}
        return self._json(200, {**answer, "usage": bill()})

    def _stream(self, base: Json, plan: Plan, calls: list[Json], bill: Callable[[], Json]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        self._chunk(base, {"role": "assistant", "content": ""})
        if plan.hold:
            self._hold(plan.hold)
        for delta, pause in deltas(plan, calls):
            self._chunk(base, delta)
            time.sleep(pause)
            if plan.drop and delta.get("content"):
                self.connection.close()
                raise BrokenPipeError
        self._chunk(base, {}, plan.finish)
        self._send({**base, "object": "chat.completion.chunk", "choices": [], "usage": bill()})
        self.wfile.write(b"data: [DONE]\n\n")
        self.wfile.flush()

    def _hold(self, name: str) -> None:
        """Wait for the gate, with comments on the wire so that a client that left is noticed."""
        gate, end = self.server.gate(name), time.monotonic() + HOLD_SECONDS
        while not gate.wait(0.2) and time.monotonic() < end:
            self.wfile.write(b": holding\n\n")
            self.wfile.flush()

    def _chunk(self, base: Json, delta: Json, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._send({**base, "object": "chat.completion.chunk", "choices": [choice]})

    def _send(self, data: Json) -> None:
        self.wfile.write(b"data: " + json.dumps(data).encode() + b"\n\n")
        self.wfile.flush()

    def _json(self, code: int, data: Json, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(data).encode()
        self.send_response(code)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def deltas(plan: Plan, calls: list[Json]) -> Iterator[tuple[Json, float]]:
    """Cut an answer into the pieces a model streams, each with the pause after it."""
    if plan.think:
        for word in ("Let me ", "think about ", "this."):
            yield {"reasoning_content": word}, 0.1
    for number in range(int(plan.slow * 5)):
        yield {"content": f"chunk {number + 1} "}, 0.2
    step = max(24, len(plan.text) // 40)
    for start in range(0, len(plan.text), step):
        yield {"content": plan.text[start : start + step]}, 0.03
    for call in calls:
        function = call["function"]
        yield {"tool_calls": [{**call, "function": {**function, "arguments": ""}}]}, 0.0
        piece = {"index": call["index"], "function": {"arguments": function["arguments"]}}
        yield {"tool_calls": [piece]}, 0.0


def usage_of(body: Json, plan: Plan) -> Json:
    """Say what the answer costs: as told by [[tokens]], else a quarter of the characters."""
    prompt, completion = plan.tokens or (
        max(1, content_length(body) // 4),
        max(1, (len(plan.text) + sum(len(json.dumps(args)) for _, args in plan.calls)) // 4),
    )
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": prompt // 2},
    }


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=18888)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    server = Server(options.port, options.log)
    print(f"mock model on http://127.0.0.1:{options.port}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
