"""What was spent, for tests of budgets: calls as the listener puts them on record."""

from datetime import datetime
from itertools import count

from palais.domain.events import Usage, UsageReported
from palais.store import wire
from tests.database import Scribe
from tests.store.rows import registered, seen

_numbers = count(1)


def spend(scribe: Scribe, usd: float | None, at: datetime, agent_id: str = "builder") -> None:
    """Put a model call on record that cost so much; None where nobody knows."""
    ms = wire.millis(at) or 0
    key = f"spent-{next(_numbers)}"
    usage = Usage(tokens_in=5, cost=usd, at=ms)
    begun = seen(f"run-{agent_id}", agent_id, ms)
    scribe.write(registered(agent_id), begun, UsageReported(key, agent_id, ms, usage, begun.run_id))
