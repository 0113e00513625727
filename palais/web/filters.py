"""How facts are said in French: pure functions, the one table of words, and their Jinja names.

The scripts of the page get the same table (``words`` in ``base.html``), so that a row made live
reads as the row that the server would have made.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from flask import Flask

NB: Final = "\u00a0"
NARROW: Final = "\u202f"
DASH: Final = "—"

_TABLE: Final = """
status.idle=En veille
status.busy=Au travail
status.error=En erreur
status.offline=Hors ligne
session.running=En cours
session.completed=Terminée
session.failed=Échouée
session.timeout=Délai dépassé
session.aborted=Interrompue
session.lost=Perdue de vue
activity.thinking=réfléchit
activity.typing=écrit
activity.tool=outil {tool}
activity.retrying=nouvelle tentative
activity.waiting=attend votre accord
action.agent.status=change d’état
action.agent.status.idle=revient en veille
action.agent.status.busy=se met au travail
action.agent.status.error=signale une erreur
action.agent.status.offline=quitte la cour
action.agent.status.retrying=tente à nouveau
action.agent.status.waiting=attend votre accord
action.agent.registered=se présente à la cour
action.session.started=commence
action.session.updated=poursuit
action.session.completed=a terminé
action.session.completed.failed=a échoué
action.session.completed.timeout=a dépassé le délai
action.session.completed.aborted=a été interrompu
action.session.completed.lost=a été perdu de vue
action.span.started=passe à l’étape
action.span.started.tool_call=utilise l’outil
action.span.started.decision=prend une décision
action.span.started.delegation=délègue
action.span.completed=achève l’étape
action.span.completed.error=échoue à l’étape
action.span.completed.tool_call.error=échoue avec l’outil
action.span.completed.llm_call.error=n’a pas eu de réponse du modèle
action.span.completed.delegation.error=échoue à déléguer
action.gap=Activité non observée
action.other=fait signe
gateway.connected=connectée
gateway.connecting=connexion…
gateway.refused=refusée
gateway.offline=injoignable
stream.live=en direct
stream.connecting=connexion…
stream.lost=interrompu
stream.static=page fixe
ago.now=à l’instant
ago.seconds=il y a {n}~s
ago.minutes=il y a {n}~min
ago.hours=il y a {n}~h
ago.yesterday=hier
ago.days=il y a {n}~j
since.seconds=depuis {n}~s
since.minutes=depuis {n}~min
since.hours=depuis {n}~h
since.days=depuis {n}~j
news.one=1~nouvelle activité
news.many={n}~nouvelles activités
waiting.one=1~attend votre accord
waiting.many={n}~attendent votre accord
agents.one=1~agent
agents.many={n}~agents
lost.gateway=Passerelle injoignable
lost.refused=Passerelle refusée
lost.stream=Flux interrompu
back.stream=Le flux est rétabli.
"""


def _word_table(lines: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in lines.strip().splitlines())
    return {key: text.replace("~", NB) for key, text in pairs}


WORDS: Final[Mapping[str, str]] = _word_table(_TABLE)
"""Every short phrase that the server and the scripts both say; ``{n}`` and ``{tool}`` are filled."""

MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)

_AVATAR = re.compile(r"data:image/(?:png|jpeg|webp|svg\+xml)[;,][^\s\"'<>\\]*", re.ASCII)
_PATH = re.compile(r"/(?![/\\])[^\s\"'<>\\]*", re.ASCII)


class _Row(Protocol):
    """What is asked of a line of history."""

    @property
    def data(self) -> dict[str, Any]:
        """The event as the stream carries it."""


def say(key: str, **values: object) -> str:
    """Return a phrase of the table with its blanks filled; an unknown key says nothing."""
    return WORDS.get(key, "").format(**values)


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was; the future, a matter of two clocks, is now."""
    if moment is None:
        return DASH
    seconds = int((now - moment).total_seconds())
    if seconds < 5:
        return say("ago.now")
    if 86_400 <= seconds < 172_800:
        return say("ago.yesterday")
    if seconds >= 30 * 86_400:
        return f"le{NB}{day(moment)}"
    unit, size = _unit(seconds)
    return say(f"ago.{unit}", n=seconds // size)


def since(moment: datetime | None, now: datetime) -> str:
    """Return for how long something has been so, from its start."""
    if moment is None:
        return ""
    seconds = max(0, int((now - moment).total_seconds()))
    unit, size = _unit(seconds)
    return say(f"since.{unit}", n=seconds // size)


def _unit(seconds: int) -> tuple[str, int]:
    if seconds < 60:
        return "seconds", 1
    if seconds < 3600:
        return "minutes", 60
    return ("hours", 3600) if seconds < 86_400 else ("days", 86_400)


def day(moment: datetime) -> str:
    """Return the UTC date in words."""
    at = moment.astimezone(UTC)
    ordinal = "1er" if at.day == 1 else str(at.day)
    return f"{ordinal}{NB}{MONTHS[at.month - 1]}{NB}{at.year}"


def clock(moment: datetime | None) -> str:
    """Return the time of day, marked as UTC; the script replaces it by the local one."""
    return DASH if moment is None else f"{moment.astimezone(UTC):%H:%M:%S}{NB}UTC"


def exact(moment: datetime | None) -> str:
    """Return date and time in full, marked as UTC."""
    return "" if moment is None else f"{day(moment)} à {clock(moment)}"


def iso(moment: datetime | None) -> str:
    """Return ISO 8601 in UTC with milliseconds, for ``datetime`` attributes."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(value: str | int | None) -> datetime | None:
    """Return the moment that an event carries, in ISO 8601 or in milliseconds."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value / 1000, UTC)


def count(number: int | None) -> str:
    """Return a whole number with narrow spaces between the thousands."""
    return DASH if number is None else f"{number:,}".replace(",", NARROW)


def money(usd: float | None) -> str:
    """Return dollars the French way; what is unknown is a dash, never zero."""
    if usd is None:
        return DASH
    if 0 < usd < 0.01:
        return f"<{NB}0,01{NB}$"
    return f"{usd:,.2f}".replace(",", NARROW).replace(".", ",") + f"{NB}$"


def quality(score: float | None) -> str:
    """Return an average quality with two decimals, or that there is none."""
    return f"n.{NB}d." if score is None else f"{score:.2f}".replace(".", ",")


def duration(ms: int | None) -> str:
    """Return a duration in its two largest units."""
    if ms is None:
        return DASH
    if ms < 1000:
        return f"{ms}{NB}ms"
    if ms < 10_000:
        return f"{ms // 100 / 10:.1f}".replace(".", ",") + f"{NB}s"
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds}{NB}s"
    if seconds < 3600:
        return f"{seconds // 60}{NB}min {seconds % 60:02d}{NB}s"
    return f"{seconds // 3600}{NB}h {seconds % 3600 // 60:02d}{NB}min"


def initials(name: str) -> str:
    """Return up to two capitals that stand for a name."""
    words = re.findall(r"[^\W_]+", name)
    if not words:
        return "?"
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()[:2]


def model_name(model: str | None) -> str:
    """Return a model's own name, without its provider."""
    return model.rsplit("/", 1)[-1] if model else DASH


def status_word(status: str) -> str:
    """Return an agent's status in words."""
    return say(f"status.{status}") or status


def session_word(status: str) -> str:
    """Return how a session ended, or that it has not."""
    return say(f"session.{status}") or status


def activity_word(activity: str | None) -> str:
    """Return what a busy agent does, in words; nothing where that is not known."""
    if not activity:
        return ""
    name, _, tool = activity.partition(":")
    return say(f"activity.{name}", tool=tool) or activity


def safe_avatar(url: str | None) -> str | None:
    """Return the portrait's address if it is a path of this host or a picture in itself."""
    if url and (_PATH.fullmatch(url) or _AVATAR.fullmatch(url)):
        return url
    return None


def in_feed(data: Mapping[str, Any]) -> bool:
    """Whether an event is news for a person: not presence, progress, or what a session says."""
    kind = data.get("type")
    if kind == "agent.status":
        routine = data.get("status") == "busy" and _signal(data) is None
        return not (routine and data.get("sessionId"))
    if kind == "span.started":
        return _span(data).get("type") != "llm_call"
    if kind == "span.completed":
        return _failed(data)
    return kind not in {"agent.presence", "session.updated", None}


def feed(rows: Iterable[_Row]) -> list[_Row]:
    """Return the lines of history that the feed shows."""
    return [row for row in rows if in_feed(row.data)]


def action_word(data: Mapping[str, Any]) -> str:
    """Return what an event did, as a verb after the agent's name."""
    kind = str(data.get("type"))
    return next(filter(None, (say(f"action.{key}") for key in _keys(kind, data))))


def _keys(kind: str, data: Mapping[str, Any]) -> list[str]:
    if kind.startswith("span."):
        step = f"{kind}.{_span(data).get('type')}"
        wrong = [f"{step}.error", f"{kind}.error"] if _failed(data) else []
        return [*wrong, step, kind, "other"]
    if kind == "agent.status" and (signal := _signal(data)):
        return [f"{kind}.{signal}", kind, "other"]
    return [f"{kind}.{data.get('status')}", kind, "other"]


def entity(data: Mapping[str, Any]) -> str:
    """Return what an event is about, in the agent's own words; often nothing."""
    kind = str(data.get("type"))
    if kind.startswith("span."):
        span = _span(data)
        name, title = str(span.get("name") or ""), str(span.get("title") or "")
        return " — ".join(dict.fromkeys(part for part in (name, title) if part))
    if kind == "agent.registered":
        return str(data.get("persona") or "")
    if kind == "gap":
        return str(data.get("reason") or "")
    return str(data.get("error") or data.get("summary") or data.get("task") or "")


def tone(data: Mapping[str, Any]) -> str:
    """Return an event's weight on the eye: start, good, bad, warn, gap or quiet."""
    kind, status = str(data.get("type")), data.get("status")
    if kind == "gap":
        return "gap"
    if kind == "session.started":
        return "start"
    if status in {"failed", "timeout", "error"} or _failed(data):
        return "bad"
    if status in {"aborted", "lost"} or _signal(data):
        return "warn"
    return "good" if kind == "session.completed" else "quiet"


def _span(data: Mapping[str, Any]) -> Mapping[str, Any]:
    span = data.get("span")
    return span if isinstance(span, dict) else {}


def _failed(data: Mapping[str, Any]) -> bool:
    span = _span(data)
    return bool(span.get("error")) or span.get("status") in {"error", "failed"}


def _signal(data: Mapping[str, Any]) -> str | None:
    activity = data.get("activity")
    return activity if activity in {"waiting", "retrying"} else None


def register(app: Flask) -> None:
    """Give the templates these words, each filter under its function's name."""
    filters: tuple[Callable[..., Any], ...] = (
        *(clock, exact, iso, instant, count, money, quality, duration, initials, model_name),
        *(status_word, session_word, activity_word, safe_avatar, feed, action_word, entity, tone),
    )
    for function in filters:
        app.add_template_filter(function, function.__name__)
    app.add_template_filter(lambda moment: ago(moment, datetime.now(UTC)), "ago")
    app.add_template_filter(lambda moment: since(moment, datetime.now(UTC)), "since")
    app.add_template_global(WORDS, "words")  # type: ignore[arg-type]
    app.add_template_global(say, "say")
