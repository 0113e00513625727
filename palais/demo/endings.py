"""The frames that end a run. Measured: tests/frames/02, 04, 06 (abort), 07 (400), 07d (timeout)."""

from palais.demo.events import Frame, Payload, RunEvents, text_content
from palais.demo.faults import ABORT, TIMEOUT
from palais.demo.models import Tokens
from palais.demo.steps import Aborted, Completed, Failed, Fault, TimedOut


def finishing(run: RunEvents, fault: Fault, now: int) -> Frame:
    """One attempt is over, badly; this is not the end of the run yet."""
    told = {"error": _words(run, fault), "errorObservation": _observation(run, fault)}
    return run.lifecycle(
        "finishing", now, **told, aborted=False, livenessState="blocked", endedAt=now
    )


def completed(_step: Completed, run: RunEvents, now: int) -> list[Frame]:
    """End well: finishing, no model, end, the final chat, and then the settled row."""
    manner: Payload = {"stopReason": "stop", "aborted": False, "livenessState": "working"}
    if run.tools:
        manner["replayInvalid"] = True
    told = [
        run.lifecycle("finishing", now, **manner, endedAt=now),
        run.model(now, idle=True),
        run.lifecycle(
            "end",
            now,
            startedAt=run.session.accepted_at,
            endedAt=now,
            **manner,
            executionSettled=True,
            **_receipt(run, run.words),
        ),
        run.chat("final", now, stopReason="stop"),
    ]
    run.session.settle("done", now, text=run.words)
    return told + _settled(run, now, "end", "completed", terminalSummary="completed")


def failed(step: Failed, run: RunEvents, now: int) -> list[Frame]:
    """End because the provider refused the last attempt too."""
    error, seen = _words(run, step.fault), _observation(run, step.fault)
    told = [finishing(run, step.fault, now), run.model(now, idle=True)]
    told.append(
        run.lifecycle(
            "error",
            now,
            startedAt=run.session.accepted_at,
            endedAt=now,
            error=error,
            errorObservation=seen,
            executionSettled=True,
        )
    )
    told.append(run.chat("error", now, errorMessage=error, errorDetail=seen))
    run.session.settle("failed", now, error=error)
    message = _unbilled(run, f"⚠️ LLM request failed (HTTP {step.fault.status}).", "error")
    told.append(run.message(message, now))
    return told + _settled(run, now, "error", "failed", terminalSummary=error, error=error)


def aborted(_step: Aborted, run: RunEvents, now: int) -> list[Frame]:
    """End because a human said so; the real gateway says it twice, the second time as seq 1."""
    started = run.session.accepted_at
    end = run.lifecycle(
        "end",
        now,
        status="cancelled",
        aborted=True,
        stopReason="rpc",
        startedAt=started,
        endedAt=now,
    )
    told = [run.chat("aborted", now, stopReason="rpc"), end]
    run.session.settle("killed", now)
    partial = _unbilled(run, run.words, "stop") | {
        "api": "openai-responses",
        "provider": "openclaw",
        "model": "gateway-injected",
        "timestamp": now,
        "openclawAbort": {"aborted": True, "origin": "rpc"},
    }
    told += [run.message(partial, now), run.changed(now, reason="abort")]
    run.seq = 0
    told.append(
        run.lifecycle(
            "error",
            now,
            startedAt=started,
            endedAt=now,
            error=ABORT,
            aborted=True,
            stopReason="aborted",
            executionSettled=True,
        )
    )
    told.append(run.changed(now, phase="end"))
    return told + _settled(run, now, "error", "cancelled", terminalSummary=ABORT, error=ABORT)


def timed_out(_step: TimedOut, run: RunEvents, now: int) -> list[Frame]:
    """End because the provider stayed silent; the model is named once more before."""
    manner = {
        "startedAt": run.session.accepted_at,
        "endedAt": now,
        "aborted": False,
        "livenessState": "paused",
        "timeoutPhase": "provider",
        "providerStarted": True,
        "error": TIMEOUT,
        **_receipt(run, run.words),
    }
    told = [
        run.model(now),
        run.model(now, idle=True),
        run.lifecycle("finishing", now, **manner),
        run.lifecycle("error", now, **manner, executionSettled=True),
        run.chat("error", now, errorMessage=TIMEOUT, errorKind="timeout"),
    ]
    run.session.settle("timeout", now, error=TIMEOUT)
    message = _unbilled(run, "", "aborted") | {"errorMessage": "request timed out"}
    told.append(run.message(message, now))
    return told + _settled(run, now, "error", "timed_out", terminalSummary="aborted", error=TIMEOUT)


def _settled(run: RunEvents, now: int, phase: str, status: str, **outcome: str) -> list[Frame]:
    return [
        run.changed(now, phase="model"),
        run.changed(now, phase=phase),
        run.task(now, status, "finished", endedAt=now, **outcome),
        run.changed(now, reason="agent.input.settled"),
    ]


def _words(run: RunEvents, fault: Fault) -> str:
    return fault.error.format(model=run.session.agent.model.id)


def _observation(run: RunEvents, fault: Fault) -> Payload:
    model = run.session.agent.model
    return {
        "provider": model.provider,
        "model": model.name,
        "failoverReason": fault.reason,
        "providerRuntimeFailureKind": fault.kind,
    }


def _receipt(run: RunEvents, text: str) -> Payload:
    model = run.session.agent.model
    names = {"provider": model.provider, "model": model.name}
    return {
        "terminalReceipt": {
            "turnId": run.run_id,
            "requested": names,
            "effective": {**names, "responseModel": model.name},
            "successfulToolNames": sorted(run.tools_that_worked),
            "rerouted": False,
            "terminalDisposition": "visible",
        },
        "terminalReply": {"disposition": "visible", "text": text},
    }


def _unbilled(run: RunEvents, text: str, stop_reason: str) -> Payload:
    """Make the last message of a run that did not end well; it cost nothing."""
    model = run.session.agent.model
    return {
        "role": "assistant",
        "content": text_content(text),
        "api": model.api,
        "provider": model.provider,
        "model": model.name,
        "usage": model.usage(Tokens()),
        "stopReason": stop_reason,
        "timestamp": run.model_called_at,
    }
