"""A tiny fake Telegram Bot API on loopback: a real channel run, without the internet.

POST /inject {"text": "..."} makes user 4242 send that private message to the bot.
"""

import argparse
import itertools
import json
import queue
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
USER: Json = {"id": 4242, "is_bot": False, "first_name": "Ada", "username": "ada"}
CHAT: Json = {"id": 4242, "type": "private", "first_name": "Ada"}
BOT: Json = {"id": 999, "is_bot": True, "first_name": "Palais", "username": "palais_bot"}
WEBHOOK: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
updates: "queue.Queue[Json]" = queue.Queue()
numbers = itertools.count(int(time.time()))


def message(author: Json, text: str) -> Json:
    """Build one message of the private chat."""
    now = int(time.time())
    return {"message_id": next(numbers), "date": now, "chat": CHAT, "from": author, "text": text}


def next_updates(wait: float) -> list[Json]:
    """Long-poll, as getUpdates does."""
    try:
        return [updates.get(timeout=min(max(wait, 0.05), 20.0))]
    except queue.Empty:
        return []


def answer(method: str, params: Json) -> object:
    """Give the result of one Bot API method."""
    if method == "getUpdates":
        return next_updates(float(params.get("timeout") or 0))
    if method in {"sendMessage", "editMessageText", "sendPhoto", "sendDocument"}:
        return message(BOT, str(params.get("text", "")))
    return {"getMe": BOT, "getChat": CHAT, "getWebhookInfo": WEBHOOK}.get(method, True)


class Handler(BaseHTTPRequestHandler):
    """Every method by GET or POST, parameters as JSON or as a form."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        address = urllib.parse.urlparse(self.path)
        params = dict(urllib.parse.parse_qsl(address.query))
        try:
            params.update(json.loads(raw or b"{}"))
        except ValueError:
            params.update(urllib.parse.parse_qsl(raw.decode(errors="replace")))
        if address.path == "/inject":
            text = message(USER, params["text"])
            updates.put({"update_id": next(numbers), "message": text})
            return self._reply(True)
        return self._reply(answer(address.path.rsplit("/", 1)[-1], params))

    def _reply(self, result: object) -> None:
        body = json.dumps({"ok": True, "result": result}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=18889)
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
