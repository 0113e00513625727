"""What the gateway itself counts, as it tells it: to be laid beside the ledger."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ConversationUsage:
    """Tokens and cost (USD) that the gateway counts for a conversation on one day.

    ``unpriced_calls`` are those it has no price for; ``began_at`` and ``ended_at`` (ms) are when
    what it has of the day begins and ends. ``archived`` says that it counts a transcript to which
    no conversation belongs any more: one that was deleted, or begun anew.
    """

    conversation: str
    agent_id: str
    tokens: int
    cost: float
    unpriced_calls: int = 0
    began_at: int | None = None
    archived: bool = False
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class UsageListed:
    """The gateway's figures of one day (UTC), which take the place of those told before.

    ``at`` (ms, its clock) is when it added them up. They are ``complete`` unless there were more
    conversations than it tells at once.
    """

    day: date
    at: int
    told: tuple[ConversationUsage, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class UsageWithheld:
    """The gateway tells no figures of its own: it does not know the question, or refuses it."""

    at: int


Figures = UsageListed | UsageWithheld


def conversation_of(key: str) -> str:
    """Return the name under which a conversation is counted.

    Each run of a cron job has a key of its own, ``…:cron:<job>:run:<id>``; the gateway counts
    them under that of the job.
    """
    job, cron, run = key.partition(":cron:")
    return f"{job}{cron}{run.partition(':run:')[0]}" if cron else key
