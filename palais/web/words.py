"""The one table of words, and how an event is said: pure.

The scripts of the page get the same table (``palais-data`` in ``base.html``), so that a row made
live reads as the row that the server would have made.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

NB: Final = "\u00a0"

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
action.gap=non observé
action.other=fait signe
gap.gateway=passerelle hors de vue
gap.restart=redémarrage de la passerelle
gap.sequence=messages de la passerelle perdus
gap.palais=Palais à l’arrêt
gap.lease=relève par une autre instance de Palais
gap.database=base de données muette
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
news.one=1~nouveau
news.many={n}~nouveaux
waiting.one=1~attend votre accord
waiting.many={n}~attendent votre accord
agents.one=1~agent
agents.many={n}~agents
now.idle=Rien en cours
now.busy=Session sans intitulé
now.error=La dernière session a échoué
now.offline=Absent de la passerelle
untitled=Session sans intitulé
lost.gateway=Passerelle injoignable
lost.refused=Passerelle refusée
lost.stream=Flux interrompu
lost.session=Session terminée
back.stream=Le flux est rétabli.
action.agent.registered.edited=a une nouvelle présentation
news.stale=Du nouveau
news.paused=Le fil est en pause~: {n}~en attente
edit.saved=Présentation enregistrée.
edit.refused=Rien n’est enregistré~: le texte est trop long, ou contient un caractère invisible.
edit.denied=Rien n’est enregistré~: reconnectez-vous dans un autre onglet, puis réessayez.
edit.failed=Rien n’est enregistré~: Palais ne répond pas. Votre texte reste ici~; réessayez.
"""


def _word_table(lines: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in lines.strip().splitlines())
    return {key: text.replace("~", NB) for key, text in pairs}


WORDS: Final[Mapping[str, str]] = _word_table(_TABLE)
"""Every short phrase that the server and the scripts say; ``{n}`` and ``{tool}`` are filled."""


TELLING: Final = frozenset({"session.completed", "agent.registered"})
"""Events that tell of the status that an agent takes in the same moment."""


class _Row(Protocol):
    """What is asked of a line of history."""

    @property
    def data(self) -> dict[str, Any]:
        """The event as the stream carries it."""


def say(key: str, **values: object) -> str:
    """Return a phrase of the table with its blanks filled; an unknown key says nothing."""
    return WORDS.get(key, "").format(**values)


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


def action_word(data: Mapping[str, Any]) -> str:
    """Return what an event did, as a verb after the agent's name."""
    said = [say(f"action.{key}") for key in _keys(str(data.get("type")), data)]
    return next(filter(None, said))


def _keys(kind: str, data: Mapping[str, Any]) -> list[str]:
    if kind.startswith("span."):
        step = f"{kind}.{_span(data).get('type')}"
        wrong = [f"{step}.error", f"{kind}.error"] if _failed(data) else []
        return [*wrong, step, kind, "other"]
    if kind == "agent.status" and (signal := _signal(data)):
        return [f"{kind}.{signal}", kind, "other"]
    if data.get("edited"):
        return [f"{kind}.edited", kind, "other"]
    return [f"{kind}.{data.get('status')}", kind, "other"]


def entity(data: Mapping[str, Any]) -> str:
    """Return what an event is about, in the agent's own words; often nothing."""
    kind = str(data.get("type"))
    if kind.startswith("span."):
        span = _span(data)
        name, title = str(span.get("name") or ""), str(span.get("title") or "")
        said = title.casefold().startswith(name.casefold())
        return title if said else f"{name} — {title}" if title else name
    if kind == "agent.registered":
        return str(data.get("persona") or "")
    if kind == "gap":
        return say(f"gap.{data.get('reason')}") or str(data.get("reason") or "")
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
