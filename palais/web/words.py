"""How an event is said: pure functions of a language and of the event.

The scripts of the page say it the same way, in the same phrases (``palais/web/phrases.py``), so
that a row made live reads as the row that the server would have made.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from palais.domain import quality
from palais.store.views import GatewayView
from palais.web.language import Language
from palais.web.money import money

BUDGET: Final = "budget.warning"

TELLING: Final = frozenset({"session.completed", "agent.registered"})
"""Events that tell of the status that an agent takes in the same moment."""


class _Row(Protocol):
    """What is asked of a line of history."""

    @property
    def data(self) -> dict[str, Any]:
        """The event as the stream carries it."""


def status_word(language: Language, status: str) -> str:
    """Return an agent's status in words."""
    return language.say(f"status.{status}") or status


def session_word(language: Language, status: str) -> str:
    """Return how a session ended, or that it has not."""
    return language.say(f"session.{status}") or status


def unrated(language: Language, status: str) -> str:
    """Return why a session of this status has no quality."""
    return language.say(f"unrated.{quality.unrated(status)}")


def step_word(language: Language, kind: str) -> str:
    """Return what kind of step it is, in words."""
    return language.say(f"step.{kind}") or language.say("step.other")


def span_word(language: Language, status: str | None) -> str:
    """Return how a step stands, in words; nothing where that is not known."""
    return language.say(f"span.{status}") or status or ""


def activity_word(language: Language, activity: str | None) -> str:
    """Return what a busy agent does, in words; nothing where that is not known."""
    if not activity:
        return ""
    name, _, tool = activity.partition(":")
    return language.say(f"activity.{name}", tool=tool) or activity


def in_feed(data: Mapping[str, Any]) -> bool:
    """Whether an event is news for a person: not presence, progress, or what a session says."""
    kind = data.get("type")
    if kind == "agent.status":
        routine = data.get("status") == "busy" and _signal(data) is None
        return not (routine and data.get("sessionId"))
    if kind in {"span.started", "span.completed"}:
        routine = _span(data).get("type") == "llm_call" or bool(data.get("again"))
        return not routine and (kind == "span.started" or _failed(data))
    return kind not in {"agent.presence", "session.updated", None}


def feed(rows: Iterable[_Row]) -> list[_Row]:
    """Return the lines of history that the feed shows; what goes without saying is left out."""
    news = [row for row in rows if in_feed(row.data)]
    told = {_moment(row.data) for row in news if row.data.get("type") in TELLING}
    return [
        row
        for row in news
        if row.data.get("type") != "agent.status" or _moment(row.data) not in told
    ]


def _moment(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return data.get("agentId"), data.get("ts")


def action_word(language: Language, data: Mapping[str, Any]) -> str:
    """Return what an event did, as a verb after the agent's name."""
    share = language.say("percent", n=data.get("threshold"))
    said = [
        language.say(f"action.{key}", share=share) for key in _keys(str(data.get("type")), data)
    ]
    return next(filter(None, said))


def _keys(kind: str, data: Mapping[str, Any]) -> list[str]:
    if kind.startswith("span."):
        step = f"{kind}.{_span(data).get('type')}"
        wrong = [f"{step}.error", f"{kind}.error"] if _failed(data) else []
        return [*wrong, step, kind, "other"]
    if kind == "agent.status" and (signal := _signal(data)):
        return [f"{kind}.{signal}", kind, "other"]
    if kind == BUDGET:
        whose = f"{kind}.{'agent' if data.get('agentId') else 'fleet'}.{data.get('period')}"
        return [f"{whose}.over", "other"] if _exceeded(data) else [whose, "other"]
    if data.get("edited"):
        return [f"{kind}.edited", kind, "other"]
    return [f"{kind}.{data.get('status')}", kind, "other"]


def entity(language: Language, data: Mapping[str, Any]) -> str:
    """Return what an event is about, in the agent's own words; often nothing."""
    kind = str(data.get("type"))
    if kind.startswith("span."):
        span = _span(data)
        name, title = str(span.get("name") or ""), str(span.get("title") or "")
        said = title.casefold().startswith(name.casefold())
        return title if said else f"{name} — {title}" if title else name
    if kind == "agent.registered":
        return str(data.get("persona") or "")
    if kind == BUDGET:
        return _spent(language, data)
    if kind == "gap":
        return language.say(f"gap.{data.get('reason')}") or str(data.get("reason") or "")
    return str(data.get("error") or data.get("summary") or data.get("task") or "")


def why(language: Language, link: GatewayView) -> str:
    """Return why the gateway is out of sight, by the code of the reason or by the code's family.

    What has neither is told as it came, in English.
    """
    code = link.code or ""
    family = code.partition("_")[0]
    said = language.say(f"why.{code}") or language.say(f"why.{family}")
    return said or link.reason or ""


def tone(data: Mapping[str, Any]) -> str:
    """Return an event's weight on the eye: start, good, bad, warn, gap or quiet."""
    kind, status = str(data.get("type")), data.get("status")
    if kind == "gap":
        return "gap"
    if kind == "session.started":
        return "start"
    if kind == BUDGET:
        return "bad" if _exceeded(data) else "warn"
    if status in {"failed", "timeout", "error"} or _failed(data):
        return "bad"
    if status in {"aborted", "lost"} or _signal(data):
        return "warn"
    return "good" if kind == "session.completed" else "quiet"


def _spent(language: Language, data: Mapping[str, Any]) -> str:
    """Return what a budget's warning tells of the money."""
    spent, amount = (money(language, data.get(name)) for name in ("spent", "amount"))
    said = language.say("budget.spent", spent=spent, amount=amount)
    unpriced = data.get("unpricedCalls") or 0
    return f"{said} · {language.say('budget.unpriced', n=unpriced)}" if unpriced else said


def _exceeded(data: Mapping[str, Any]) -> bool:
    return (data.get("threshold") or 0) >= 100


def _span(data: Mapping[str, Any]) -> Mapping[str, Any]:
    span = data.get("span")
    return span if isinstance(span, dict) else {}


def _failed(data: Mapping[str, Any]) -> bool:
    span = _span(data)
    return bool(span.get("error")) or span.get("status") in {"error", "failed"}


def _signal(data: Mapping[str, Any]) -> str | None:
    activity = data.get("activity")
    return activity if activity in {"waiting", "retrying"} else None
