"""A trace as OTLP/JSON, for any OpenTelemetry backend. Pure.

Sources: OTLP 1.x, "JSON Protobuf Encoding" (ids in hex, 64-bit numbers as decimal strings, enums
as numbers); semantic conventions for GenAI client, agent and tool spans (1.41, in development).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from palais.domain.rollup import end_of
from palais.domain.tree import forest, walk
from palais.store.spans import Delegation, SpanView
from palais.store.views import SessionView
from palais.version import VERSION

SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.0"
INTERNAL, CLIENT = 1, 3
UNSET, OK, ERROR = 0, 1, 2
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = 2**64 - 1
OPERATIONS: Final = {
    "llm_call": "chat",
    "tool_call": "execute_tool",
    "delegation": "invoke_agent",
}
CODES: Final = {"ok": OK, "completed": OK, "error": ERROR, "failed": ERROR, "timeout": ERROR}

Json = dict[str, Any]


def request(
    root: str,
    runs: Sequence[SessionView],
    steps: Iterable[SpanView],
    begun: Delegation | None,
    names: Mapping[str, str],
) -> Json:
    """Return an ExportTraceServiceRequest: one resource an agent, one span a session and a step.

    ``root`` is the session that the trace is named for; ``runs`` has the session itself first;
    ``begun`` is the step that began it; ``names`` has the agents' names by id.
    """
    trace = trace_id(root)
    above: dict[str, str | None] = {
        runs[0].id: span_id(begun.session_id, begun.span_id) if begun else None
    }
    spans: dict[str, list[Json]] = {run.agent_id: [] for run in runs}
    known = {run.id: run for run in runs}
    kept = [step for step in steps if step.session_id in known]
    for step in kept:
        above.setdefault(step.child_session_id or "", _own_id(step))
    for run in runs:
        spans[run.agent_id].append(_session(run, above.get(run.id), trace))
    for step, parent in _placed(kept):
        run = known[step.session_id]
        spans[run.agent_id].append(_step(step, run, parent, trace))
    return {"resourceSpans": [_resource(agent, names, told) for agent, told in spans.items()]}


def trace_id(session_id: str) -> str:
    """Return 16 bytes in hex, for ever the same for a session."""
    return hashlib.sha256(f"palais trace {session_id}".encode()).hexdigest()[:32]


def span_id(session_id: str, own: str | None = None) -> str:
    """Return 8 bytes in hex, for ever the same for a step, or for the session itself."""
    named = f"palais span {session_id}" + ("" if own is None else f"\0{own}")
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _plain(step: SpanView) -> str:
    return step.id.removeprefix(f"{step.session_id}/")


def _own_id(step: SpanView) -> str:
    return span_id(step.session_id, _plain(step))


def _placed(steps: Iterable[SpanView]) -> Iterator[tuple[SpanView, str]]:
    """Yield each step with the id of its parent: of its own session, or that session itself."""
    roots = forest(steps)
    for root in roots:
        yield root.step, span_id(root.step.session_id)
    for node in walk(roots):
        for child in node.children:
            same = child.step.session_id == node.step.session_id
            yield child.step, _own_id(node.step) if same else span_id(child.step.session_id)


def _resource(agent: str, names: Mapping[str, str], spans: list[Json]) -> Json:
    known = {"service.name": agent, "service.namespace": "palais"}
    known |= {"gen_ai.agent.id": agent, "gen_ai.agent.name": names.get(agent, agent)}
    scope = {"name": "palais", "version": VERSION}
    return {
        "resource": {"attributes": _attributes(known)},
        "scopeSpans": [{"scope": scope, "spans": spans, "schemaUrl": SCHEMA}],
    }


def _session(run: SessionView, parent: str | None, trace: str) -> Json:
    known: Json = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.id": run.agent_id,
        "gen_ai.conversation.id": run.conversation,
        "gen_ai.request.model": run.model,
        "palais.session.id": run.id,
        "palais.run.id": run.run_id,
        "palais.session.status": run.status,
        "palais.task": run.task,
        "palais.summary": run.summary,
        "palais.tokens": run.tokens,
        "palais.cost.usd": run.cost,
        "palais.end.observed": run.ended_at is not None and not run.inferred,
    }
    return _span(
        trace,
        span_id(run.id),
        parent,
        name=f"invoke_agent {run.agent_id}",
        kind=INTERNAL,
        **_times(run.started_at, run.ended_at),
        attributes=_attributes(known),
        status=_status(run.status, run.error),
    )


def _step(step: SpanView, run: SessionView, parent: str, trace: str) -> Json:
    operation = OPERATIONS.get(step.type)
    end = end_of(step)
    known: Json = {
        "gen_ai.operation.name": operation,
        "gen_ai.conversation.id": run.conversation,
        "palais.session.id": run.id,
        "palais.span.id": _plain(step),
        "palais.span.type": step.type,
        "palais.span.status": step.status,
        "palais.span.title": step.title,
        "palais.cost.usd": step.cost,
        "palais.start.observed": None if step.started_at else False,
        "palais.end.observed": None if end else False,
        "palais.input.clipped": step.input_clipped or None,
        "palais.output.clipped": step.output_clipped or None,
        "error.type": "_OTHER" if step.status == "error" else None,
        **_by_type(step),
    }
    return _span(
        trace,
        _own_id(step),
        parent,
        name=f"{operation} {_subject(step)}" if operation else step.name,
        kind=CLIENT if step.type == "llm_call" else INTERNAL,
        **_times(step.started_at or run.started_at, end),
        attributes=_attributes(known),
        status=_status(step.status, step.error),
    )


def _subject(step: SpanView) -> str:
    if step.type == "llm_call":
        return (step.model or step.name).rpartition("/")[2]
    return (step.child_agent_id or step.name) if step.type == "delegation" else step.name


def _by_type(step: SpanView) -> Json:
    if step.type == "tool_call":
        return {
            "gen_ai.tool.name": step.name,
            "gen_ai.tool.call.id": _plain(step),
            "gen_ai.tool.call.arguments": step.input,
            "gen_ai.tool.call.result": step.output,
        }
    told: Json = {"palais.input": step.input, "palais.output": step.output}
    if step.type == "delegation":
        told["gen_ai.agent.id"] = step.child_agent_id
    if step.type == "llm_call":
        provider, _, model = (step.model or "").rpartition("/")
        told["gen_ai.provider.name"] = provider or None
        told["gen_ai.request.model"] = model or None
    return told | _usage(step)


def _usage(step: SpanView) -> Json:
    """Return the tokens; the conventions count those of the cache among the input."""
    read = [one for one in (step.tokens_in, step.cache_read, step.cache_write) if one is not None]
    return {
        "gen_ai.usage.input_tokens": sum(read) if read else None,
        "gen_ai.usage.output_tokens": step.tokens_out,
        "gen_ai.usage.cache_read.input_tokens": step.cache_read,
        "gen_ai.usage.cache_creation.input_tokens": step.cache_write,
    }


def _span(trace: str, own: str, parent: str | None, **known: object) -> Json:
    told: Json = {"traceId": trace, "spanId": own}
    return told | ({"parentSpanId": parent} if parent is not None else {}) | known


def _times(start: datetime, end: datetime | None) -> Json:
    """Return both times; an end that is not known is the start, which an attribute says."""
    last = start if end is None else max(start, end)
    return {"startTimeUnixNano": _nanos(start), "endTimeUnixNano": _nanos(last)}


def _status(status: str | None, error: str | None) -> Json:
    code = CODES.get(status or "", UNSET)
    return {"code": code, "message": error} if code == ERROR and error else {"code": code}


def _nanos(moment: datetime) -> str:
    """Return nanoseconds since the epoch; an OTLP time has 64 bits, which end in the year 2554."""
    return str(min((moment - EPOCH) // timedelta(microseconds=1) * 1000, LATEST))


def _attributes(known: Mapping[str, object]) -> list[Json]:
    return [
        {"key": key, "value": _value(value)} for key, value in known.items() if value is not None
    ]


def _value(value: object) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": str(value)}
