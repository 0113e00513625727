"""A model call as a step of its run: by the message it ended in, or by being tried again."""

from typing import Final

from palais.domain.events import Span
from palais.domain.text import NAME_LIMIT, SUMMARY_LIMIT
from palais.gateway import fields
from palais.gateway.dialects.openclaw.names import qualified, text_of
from palais.gateway.frames import Json

FAILED: Final = frozenset({"error", "aborted"})
"""Why a model stopped that did not answer."""

CALLS: Final = 256
"""Tool calls that a model may ask for in one message: more would be forgotten anyway."""


def span(key: str, message: Json) -> Span:
    """Return the model call that ended in this message, which has this id."""
    told = fields.mapping(message, "usage")
    stopped = fields.word(message, "stopReason")
    error = fields.said(message, "errorMessage", SUMMARY_LIMIT) or stopped
    output, clipped = fields.contents(_output(message))
    return Span(
        id=key,
        type="llm_call",
        name=fields.line(message, "model", NAME_LIMIT) or "model",
        status="error" if stopped in FAILED else "ok",
        model=qualified(message),
        tokens_in=fields.tokens(told, "input"),
        tokens_out=fields.tokens(told, "output"),
        cache_read=fields.tokens(told, "cacheRead"),
        cache_write=fields.tokens(told, "cacheWrite"),
        cost=cost(told),
        output=output,
        output_clipped=clipped,
        error=error if stopped in FAILED else None,
        started_at=fields.instant(message, "timestamp"),
        ended_at=fields.instant(fields.mapping(message, "__openclaw"), "recordTimestampMs"),
    )


def cost(usage: Json) -> float | None:
    """Return what the gateway says that a call cost, in USD; None where it does not know.

    It works the cost out from its catalogue, and tells 0 of a model without a price there (seen on
    2026.9.6): that is no proof that the call was free.
    """
    return fields.cost(fields.mapping(usage, "cost"), "total") or None


def asked(message: Json) -> tuple[str, ...]:
    """Return the ids of the tool calls that a model asks for in this message."""
    found = (fields.step_id(call, "id") for call in calls(message))
    return tuple(one for one in found if one)[:CALLS]


def retried(data: Json, at: int) -> Span | None:
    """Return the model call that failed, where the gateway says that it tries again.

    No message tells of it; the words and the time of the notice are all there is.
    """
    attempt = fields.whole(data, "retryAttempt")
    if attempt is None:
        return None
    why = (fields.line(data, "reason", NAME_LIMIT), fields.said(data, "message", SUMMARY_LIMIT))
    return Span(
        id=f"attempt-{attempt}-{at}",
        type="llm_call",
        name=f"attempt {attempt}",
        status="error",
        error=": ".join(word for word in why if word) or None,
        ended_at=at,
    )


def _output(message: Json) -> str:
    """Return what a model said, and the names of the tools that it asked for."""
    names = [fields.line(call, "name", NAME_LIMIT) for call in calls(message)]
    tools = ", ".join(name for name in names if name)
    parts = (text_of(message), f"\u2192 {tools}" if tools else "")
    return "\n".join(part for part in parts if part)


def calls(message: Json) -> list[Json]:
    """Return the tool calls that a model asks for in this message, as it asks for them."""
    blocks = fields.mappings(message, "content")
    return [block for block in blocks if block.get("type") == "toolCall"]
