"""Every short phrase that both the server and the scripts say, in English: pure data.

``flask words`` collects them for the catalogues in ``translations/``, each under its key as its
context, so that "Failed" of a session and "Failed" of something else can differ elsewhere.
``{n}``, ``{tool}`` and the like are filled; an unbreakable space keeps a number with its unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase under its key; ``many`` is its plural where it counts something, as ``{n}``."""

    key: str
    text: str
    many: str | None = None


def phrase(key: str, text: str) -> Phrase:
    """Return a phrase that counts nothing."""
    return Phrase(key, text)


def plural(key: str, one: str, many: str) -> Phrase:
    """Return a phrase that counts ``{n}`` of something."""
    return Phrase(key, one, many)


_TABLE: Final = (
    phrase("status.idle", "Idle"),
    phrase("status.busy", "Working"),
    phrase("status.error", "In error"),
    phrase("status.offline", "Offline"),
    phrase("session.running", "Under way"),
    phrase("session.completed", "Completed"),
    phrase("session.failed", "Failed"),
    phrase("session.timeout", "Out of time"),
    phrase("session.aborted", "Interrupted"),
    phrase("session.lost", "Lost from view"),
    phrase("activity.thinking", "thinking"),
    phrase("activity.typing", "writing"),
    phrase("activity.tool", "using {tool}"),
    phrase("activity.retrying", "trying again"),
    phrase("activity.waiting", "awaiting your approval"),
    phrase("action.agent.status", "changes state"),
    phrase("action.agent.status.idle", "is at rest again"),
    phrase("action.agent.status.busy", "sets to work"),
    phrase("action.agent.status.error", "reports an error"),
    phrase("action.agent.status.offline", "leaves the court"),
    phrase("action.agent.status.retrying", "tries again"),
    phrase("action.agent.status.waiting", "awaits your approval"),
    phrase("action.agent.registered", "is presented at court"),
    phrase("action.agent.registered.edited", "has a new presentation"),
    phrase("action.session.started", "begins"),
    phrase("action.session.updated", "carries on"),
    phrase("action.session.completed", "has finished"),
    phrase("action.session.completed.failed", "has failed"),
    phrase("action.session.completed.timeout", "ran out of time"),
    phrase("action.session.completed.aborted", "was interrupted"),
    phrase("action.session.completed.lost", "was lost from view"),
    phrase("action.span.started", "moves on to the step"),
    phrase("action.span.started.tool_call", "uses the tool"),
    phrase("action.span.started.decision", "takes a decision"),
    phrase("action.span.started.delegation", "delegates"),
    phrase("action.span.completed", "completes the step"),
    phrase("action.span.completed.error", "fails at the step"),
    phrase("action.span.completed.tool_call.error", "fails with the tool"),
    phrase("action.span.completed.llm_call.error", "had no answer from the model"),
    phrase("action.span.completed.delegation.error", "fails to delegate"),
    phrase("action.budget.warning.agent.day", "has spent {share} of the day’s budget"),
    phrase("action.budget.warning.agent.day.over", "has exceeded the day’s budget"),
    phrase("action.budget.warning.agent.month", "has spent {share} of the month’s budget"),
    phrase("action.budget.warning.agent.month.over", "has exceeded the month’s budget"),
    phrase("action.budget.warning.fleet.day", "The fleet has spent {share} of the day’s budget"),
    phrase("action.budget.warning.fleet.day.over", "The fleet has exceeded the day’s budget"),
    phrase(
        "action.budget.warning.fleet.month", "The fleet has spent {share} of the month’s budget"
    ),
    phrase("action.budget.warning.fleet.month.over", "The fleet has exceeded the month’s budget"),
    phrase("budget.spent", "{spent} of {amount}"),
    plural(
        "budget.unpriced",
        "{n}\u00a0call without a known price",
        "{n}\u00a0calls without a known price",
    ),
    phrase("percent", "{n}%"),
    phrase("action.gap", "not observed"),
    phrase("action.other", "gives a sign"),
    phrase("gap.gateway", "gateway out of sight"),
    phrase("gap.restart", "restart of the gateway"),
    phrase("gap.sequence", "messages of the gateway lost"),
    phrase("gap.palais", "Palais not running"),
    phrase("gap.lease", "another instance of Palais taking over"),
    phrase("gap.database", "database silent"),
    phrase("gateway.connected", "connected"),
    phrase("gateway.connecting", "connecting…"),
    phrase("gateway.refused", "refused"),
    phrase("gateway.offline", "out of reach"),
    phrase("stream.live", "live"),
    phrase("stream.connecting", "connecting…"),
    phrase("stream.lost", "interrupted"),
    phrase("stream.static", "still page"),
    phrase("ago.now", "just now"),
    phrase("ago.seconds", "{n}\u00a0s ago"),
    phrase("ago.minutes", "{n}\u00a0min ago"),
    phrase("ago.hours", "{n}\u00a0h ago"),
    phrase("ago.yesterday", "yesterday"),
    phrase("ago.days", "{n}\u00a0d ago"),
    phrase("ago.date", "on\u00a0{day}"),
    phrase("since.seconds", "for {n}\u00a0s"),
    phrase("since.minutes", "for {n}\u00a0min"),
    phrase("since.hours", "for {n}\u00a0h"),
    phrase("since.days", "for {n}\u00a0d"),
    phrase("date.first", "1"),
    phrase("date.exact", "{day} at {clock}"),
    phrase("quality.none", "n/a"),
    phrase("unrated.running", "rated once it is over"),
    phrase("unrated.aborted", "interrupted: nobody knows what would have come of it"),
    phrase("unrated.lost", "its end was not observed"),
    phrase("unrated.steps", "its steps are not known"),
    plural("news", "{n}\u00a0new", "{n}\u00a0new"),
    phrase("news.stale", "There is news"),
    plural(
        "news.paused", "The feed is paused: {n}\u00a0waits", "The feed is paused: {n}\u00a0wait"
    ),
    phrase("edit.saved", "Presentation saved."),
    phrase(
        "edit.refused",
        "Nothing was saved: the text is too long, or holds an invisible character.",
    ),
    phrase("edit.denied", "Nothing was saved: log in again in another tab, then retry."),
    phrase(
        "edit.failed",
        "Nothing was saved: Palais does not answer. Your text stays here; try again.",
    ),
    plural("waiting", "{n}\u00a0awaits your approval", "{n}\u00a0await your approval"),
    plural("agents", "{n}\u00a0agent", "{n}\u00a0agents"),
    phrase("now.idle", "Nothing in hand"),
    phrase("now.busy", "Untitled session"),
    phrase("now.error", "The last session failed"),
    phrase("now.offline", "Absent from the gateway"),
    phrase("untitled", "Untitled session"),
    phrase("lost.gateway", "Gateway out of reach"),
    phrase("lost.refused", "Refused by the gateway"),
    phrase("lost.stream", "Stream interrupted"),
    phrase("lost.session", "Session ended"),
    phrase("back.stream", "The stream is back."),
    phrase(
        "why.PAIRING_REQUIRED",
        "Palais’s device awaits approval. On the gateway’s host, run:",
    ),
    phrase(
        "why.NOT_PAIRED",
        "Palais’s device awaits approval. On the gateway’s host, run:",
    ),
    phrase(
        "why.AUTH",
        "The gateway did not accept Palais’s credentials. Set OPENCLAW_GATEWAY_TOKEN to what this "
        "prints on the gateway’s host:",
    ),
    phrase(
        "why.AUTH_TOKEN_MISMATCH",
        "The token is not the gateway’s. Set OPENCLAW_GATEWAY_TOKEN to what this prints on the "
        "gateway’s host:",
    ),
    phrase(
        "why.AUTH_TOKEN_MISSING",
        "The gateway wants a token. Set OPENCLAW_GATEWAY_TOKEN to what this prints on the "
        "gateway’s host:",
    ),
    phrase(
        "why.AUTH_SCOPE_MISMATCH",
        "Palais was not granted the right to read. On the gateway’s host, run openclaw devices "
        "approve <requestId>, with the id that is shown by:",
    ),
    phrase(
        "why.SCOPE_MISSING",
        "Palais was not granted the right to read. On the gateway’s host, run openclaw devices "
        "approve <requestId>, with the id that is shown by:",
    ),
    phrase(
        "why.PROTOCOL_MISMATCH",
        "Palais speaks protocols 3 and 4, and this gateway neither. Update the gateway or Palais.",
    ),
    phrase(
        "why.DEVICE_IDENTITY_REQUIRED",
        "The gateway admits no device without a token. Set OPENCLAW_GATEWAY_TOKEN to what this "
        "prints on the gateway’s host:",
    ),
    phrase(
        "why.DEVICE_AUTH_SIGNATURE_EXPIRED",
        "The clocks of the two hosts disagree. Set both by NTP.",
    ),
    phrase(
        "why.DEVICE",
        "The gateway does not accept Palais’s device. Delete device_key in PALAIS_DATA_DIR, start "
        "Palais again and approve the new device.",
    ),
    phrase(
        "why.CONTROL_UI_ORIGIN_NOT_ALLOWED",
        "Something between Palais and the gateway adds a browser’s Origin header. Connect without "
        "it.",
    ),
    phrase("why.UNREACHABLE", "Nobody answers at its address. Palais keeps trying."),
    phrase("why.LOST", "The connection broke. Palais keeps trying to restore it."),
    phrase("why.CLOSED", "The gateway closed the connection. Palais keeps trying."),
    phrase("why.SILENT", "The gateway fell silent. Palais keeps trying."),
    phrase("why.NO_ANSWER", "The gateway left the request to connect unanswered."),
    phrase("why.NOT_READY", "The gateway is still starting. Palais keeps trying."),
    phrase(
        "why.NO_PROTOCOL",
        "What answers there names no protocol. Is it an OpenClaw gateway?",
    ),
    phrase(
        "why.BACKLOG_FULL",
        "Postgres does not keep up. Palais has hung up until all that waits is written.",
    ),
    phrase("why.STOPPED", "Palais was stopped."),
    phrase("told.status", "{name}: {status}"),
    phrase("step.llm_call", "Model call"),
    phrase("step.tool_call", "Tool"),
    phrase("step.decision", "Decision"),
    phrase("step.delegation", "Delegation"),
    phrase("step.other", "Step"),
    phrase("span.running", "under way"),
    phrase("span.ok", "done"),
    phrase("span.error", "failed"),
    phrase("span.aborted", "interrupted"),
    phrase("span.lost", "end not observed"),
    phrase("span.unknown", "unknown"),
    plural(
        "span.unpriced",
        "{count}\u00a0call without a known price",
        "{count}\u00a0calls without a known price",
    ),
    plural("span.uncounted", "{count}\u00a0call not counted", "{count}\u00a0calls not counted"),
    plural("span.below", "{count}\u00a0step below it", "{count}\u00a0steps below it"),
    plural("span.failed", "{count}\u00a0failed", "{count}\u00a0failed"),
    plural("span.steps", "{count}\u00a0step", "{count}\u00a0steps"),
    plural("span.tokens", "{count}\u00a0token", "{count}\u00a0tokens"),
    phrase("span.together", "with sub-agents:"),
    phrase("span.at", "{time} after the start"),
    plural("search.found", "{at} of {count}\u00a0found", "{at} of {count}\u00a0found"),
    phrase("search.none", "Nothing found"),
    phrase("spark.hour", "{hours} · {time}"),
    phrase("spark.none", "not at work"),
    phrase("copy.done", "Copied."),
    phrase("copy.failed", "This browser does not let Palais copy."),
)

PHRASES: Final[Mapping[str, Phrase]] = {one.key: one for one in _TABLE}
"""The phrases by their keys."""
