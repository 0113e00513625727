"""The frames of a tool call. Measured: tests/frames/04 (tools), 10 (approval)."""

import json
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


def started(step: ToolStarted, run: RunEvents, now: int) -> list[Frame]:
    """Tell that a tool begins: the item for people, then the call with its arguments."""
    call = step.invocation.call
    call_id = _call_id(run, step.invocation)
    run.tool_started_at[call_id] = now
    run.tools.append(call.name)
    data = {"phase": "start", "name": call.name, "toolCallId": call_id, "args": dict(call.args)}
    return [
        _item(run, step.invocation, "start", "running", now, startedAt=now),
        run.tool(data, now),
        run.task(now, "running", "running"),
    ]


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
        _item(run, step.invocation, "update", "running", now),
        _output(run, step.invocation, now, "delta", output=step.text.rstrip(), status="running"),
    ]


def ended(step: ToolEnded, run: RunEvents, now: int) -> list[Frame]:
    """Tell the result of a tool; a command also tells its exit code."""
    call = step.invocation.call
    call_id = _call_id(run, step.invocation)
    started = run.tool_started_at[call_id]
    text, details = _result(run, step.invocation, now - started)
    status = "failed" if call.failed else "completed"
    if not call.failed:
        run.tools_that_worked.add(call.name)
    result = {"content": text_content(text), "details": details}
    data = {
        "phase": "result",
        "name": call.name,
        "toolCallId": call_id,
        "meta": call.meta,
        "isError": False,
        "commandBearing": call.exit_code is not None,
        "result": result,
    }
    _record_result(run, step.invocation, result, now)
    out = [
        run.tool(data, now),
        _item(run, step.invocation, "end", status, now, startedAt=started, endedAt=now),
    ]
    if call.exit_code is not None:
        end = {"output": text, "status": status, "durationMs": now - started}
        end |= {"exitCode": call.exit_code, "cwd": run.session.agent.workspace}
        out.append(_output(run, step.invocation, now, "end", **end))
    return out


def approval_asked(step: ApprovalAsked, run: RunEvents, now: int) -> list[Frame]:
    """Tell that a command waits for a human."""
    return [_approval(run, step.invocation, "waiting-approval", now)]


def approval_granted(step: ApprovalGranted, run: RunEvents, now: int) -> list[Frame]:
    """Tell that the human allowed it."""
    return [_approval(run, step.invocation, "approval-resolved", now)]


def _call_id(run: RunEvents, invocation: Invocation) -> str:
    return f"call_{run.run_id[:8]}_{invocation.number}"


def request(run: RunEvents, invocation: Invocation) -> Payload:
    """Return the part of a model's answer that asks for this call."""
    call = invocation.call
    return {
        "type": "toolCall",
        "id": _call_id(run, invocation),
        "name": call.name,
        "arguments": dict(call.args),
    }


def _item(
    run: RunEvents, invocation: Invocation, phase: str, status: str, now: int, **times: int
) -> Frame:
    call = invocation.call
    call_id = _call_id(run, invocation)
    data = {
        "itemId": f"tool:{call_id}",
        "toolCallId": call_id,
        "name": call.name,
        "kind": "tool",
        "phase": phase,
        "title": call.title,
        "status": status,
        "meta": call.meta,
        "commandBearing": call.exit_code is not None,
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
