"""The court as its page shows it: who comes first, who is counted where, who is asked for. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

STANDINGS: Final = ("error", "waiting", "busy", "idle", "offline")
"""How an agent stands, in the order of the page: who needs somebody comes first."""


class Standing(Protocol):
    """What is asked of an agent."""

    @property
    def status(self) -> str:
        """One of idle, busy, error, offline."""

    @property
    def activity(self) -> str | None:
        """What it does while busy."""


class Named(Standing, Protocol):
    """What is asked of an agent that is looked for."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def persona(self) -> str:
        """What it is."""

    @property
    def model(self) -> str | None:
        """What it runs on."""


AnyStanding = TypeVar("AnyStanding", bound=Standing)


@dataclass(frozen=True)
class Choice:
    """Which agents the reader asked for: one standing, or a text, or both."""

    status: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.status or self.text)

    def takes(self, agent: Named) -> bool:
        """Whether it takes in this agent."""
        if self.status and standing(agent) != self.status:
            return False
        said = folded(" ".join((agent.name, agent.persona, agent.id, agent.model or "")))
        return all(word in said for word in folded(self.text).split())


def standing(agent: Standing) -> str:
    """Return how an agent stands; one that waits for somebody is not counted as at work."""
    return "waiting" if agent.status == "busy" and agent.activity == "waiting" else agent.status


def ordered(agents: Iterable[AnyStanding]) -> list[AnyStanding]:
    """Return the agents by their standing; within one, as they come."""
    return sorted(agents, key=lambda agent: STANDINGS.index(standing(agent)))


def counts(agents: Iterable[Standing]) -> Mapping[str, int]:
    """Return how many agents stand how; none is left out that has no agent."""
    found = Counter(standing(agent) for agent in agents)
    return {name: found[name] for name in STANDINGS}


def folded(text: str) -> str:
    """Return a text without case and accents, as people type it into a search."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))
