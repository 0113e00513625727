"""The frames of a tool call. Measured: tests/frames/04 (tools), 10 (approval).

Nested calls as openclaw 2026.9.6 tells them.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from palais.demo.events import Frame, Payload, RunEvents, child_ids, text_content
from palais.demo.steps import (
    ApprovalAsked,
    ApprovalGranted,
    Invocation,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)
from palais.demo.tools import Call


@dataclass(frozen=True, slots=True)
class _Told:
    """One tool call as the gateway tells it: most tools are called inside of ``tool_call``."""

    id: str
    call: Call
    parent: str | None = None

    @property
    def link(self) -> Payload:
        """What names the call around it."""
        return {"parentToolCallId": self.parent} if self.parent else {}


def started(step: ToolStarted, run: RunEvents, now: int) -> list[Frame]:
    """Tell that a tool begins: the item for people, then the call with its arguments."""
    frames: list[Frame] = []
    for told in _told(run, step.invocation):
        run.tool_started_at[told.id] = now
        run.tools.append(told.call.name)
        data = {"phase": "start", "name": told.call.name, "toolCallId": told.id, **told.link}
        frames.append(_item(run, told, "start", "running", now, startedAt=now))
        frames.append(run.tool({**data, "args": dict(told.call.args)}, now))
    return [*frames, run.task(now, "running", "running")]


def printed(step: ToolPrinted, run: RunEvents, now: int) -> list[Frame]:
    """Tell what a running command has printed so far."""
    call = step.invocation.call
    call_id = _call_id(run, step.invocation)
    partial = {
        "content": text_content(step.text),
        "details": {"status": "running", "startedAt": run.tool_started_at[call_id]},
    }
    data = {"phase": "update", "name": call.name, "toolCallId": call_id, "partialResult": partial}
    return [
        run.tool(data, now),
        _item(run, _Told(call_id, call), "update", "running", now),
        _output(run, step.invocation, now, "delta", output=step.text.rstrip(), status="running"),
    ]


def ended(step: ToolEnded, run: RunEvents, now: int) -> list[Frame]:
    """Tell the result of a tool, the inner one first; a command also tells its exit code."""
    call, call_id = step.invocation.call, _call_id(run, step.invocation)
    duration = now - run.tool_started_at[call_id]
    text, details = _result(run, step.invocation, duration)
    status = "failed" if call.failed else "completed"
    if not call.failed:
        run.tools_that_worked.add(call.name)
    result = {"content": text_content(text), "details": details}
    _record_result(run, step.invocation, result, now)
    out: list[Frame] = []
    for told in reversed(_told(run, step.invocation)):
        out += _over(run, told, result, status, now)
        result = {"content": text_content(text), "details": {}}
    if call.exit_code is not None:
        end = {"output": text, "status": status, "durationMs": duration}
        end |= {"exitCode": call.exit_code, "cwd": run.session.agent.workspace}
        out.append(_output(run, step.invocation, now, "end", **end))
    return out


def _over(run: RunEvents, told: _Told, result: Payload, status: str, now: int) -> list[Frame]:
    data = {
        "phase": "result",
        "name": told.call.name,
        "toolCallId": told.id,
        **told.link,
        "meta": told.call.meta,
        "isError": False,
        "commandBearing": told.call.exit_code is not None,
        "result": result,
    }
    times = {"startedAt": run.tool_started_at[told.id], "endedAt": now}
    return [run.tool(data, now), _item(run, told, "end", status, now, **times)]


def approval_asked(step: ApprovalAsked, run: RunEvents, now: int) -> list[Frame]:
    """Tell that a command waits for a human."""
    return [_approval(run, step.invocation, "waiting-approval", now)]


def approval_granted(step: ApprovalGranted, run: RunEvents, now: int) -> list[Frame]:
    """Tell that the human allowed it."""
    return [_approval(run, step.invocation, "approval-resolved", now)]


def _call_id(run: RunEvents, invocation: Invocation) -> str:
    return f"call_{run.run_id[:8]}_{invocation.number}"


def _told(run: RunEvents, invocation: Invocation) -> list[_Told]:
    """Return the calls that an invocation is told as, the outer one first."""
    call, call_id = invocation.call, _call_id(run, invocation)
    if not call.child:
        return [_Told(call_id, call)]
    wrapped = {"id": call.name, "args": dict(call.args)}
    outer = Call("tool_call", "Tool Call", "", wrapped, "", call.seconds)
    inner = f"tool_search_code:{call_id}:{call.name}:1"
    return [_Told(call_id, outer), _Told(inner, call, call_id)]


def request(run: RunEvents, invocation: Invocation) -> Payload:
    """Return the part of a model's answer that asks for this call."""
    told = _told(run, invocation)[0]
    return {
        "type": "toolCall",
        "id": told.id,
        "name": told.call.name,
        "arguments": dict(told.call.args),
    }


def _item(run: RunEvents, told: _Told, phase: str, status: str, now: int, **times: int) -> Frame:
    data = {
        "itemId": f"tool:{told.id}",
        "toolCallId": told.id,
        **told.link,
        "name": told.call.name,
        "kind": "tool",
        "phase": phase,
        "title": told.call.title,
        "status": status,
        "meta": told.call.meta,
        "commandBearing": told.call.exit_code is not None,
        **times,
    }
    return run.agent("item", data, now)


def _output(run: RunEvents, invocation: Invocation, now: int, phase: str, **more: Any) -> Frame:
    call_id = _call_id(run, invocation)
    data = {
        "itemId": f"command:{call_id}",
        "phase": phase,
        "title": f"command {invocation.call.meta}",
        "toolCallId": call_id,
        "name": invocation.call.name,
        **more,
    }
    return run.agent("command_output", data, now)


def _approval(run: RunEvents, invocation: Invocation, phase: str, now: int) -> Frame:
    call_id = _call_id(run, invocation)
    return run.lifecycle(
        phase, now, approvalId=str(uuid5(UUID(run.run_id), call_id)), toolCallId=call_id
    )


def _result(run: RunEvents, invocation: Invocation, duration: int) -> tuple[str, Payload]:
    """Return the text a tool answers and the details beside it."""
    call = invocation.call
    if call.child:
        run_id, key = child_ids(run.run_id, call.child[0], invocation.number)
        accepted = {"status": "accepted", "childSessionKey": key, "runId": run_id, "mode": "run"}
        return json.dumps(accepted, indent=2), accepted
    if call.exit_code is None:
        return call.output, dict(call.details)
    details = {
        "status": "completed",
        "exitCode": call.exit_code,
        "exitSignal": None,
        "exitReason": "exit",
        "durationMs": duration,
        "aggregated": call.output,
        "noOutputTimedOut": False,
        "cwd": run.session.agent.workspace,
    }
    return call.output, details


def _record_result(run: RunEvents, invocation: Invocation, result: Payload, now: int) -> None:
    """Put the result into the transcript; the gateway sends no event for it."""
    message = {
        "role": "toolResult",
        "toolCallId": _call_id(run, invocation),
        "toolName": invocation.call.name,
        **result,
        "isError": False,
        "timestamp": now,
    }
    run.session.record(message, now, run.run_id)
