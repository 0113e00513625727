"""The account of a period as the API tells it: plain objects, ``None`` for unknown. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from palais.domain.spending import FIELDS, Spent
from palais.store.wire import camel
from palais.web.spending import Account, Day

GROUPS: Final = {"agent": "agents", "model": "models"}
"""What a period is told by, and where an account has it."""

_NAMES: Final = [name for name in FIELDS if name != "known"]


def told(account: Account, by: str) -> dict[str, Any]:
    """Return the account by ``agent`` or by ``model``."""
    today, group = account.today, GROUPS[by]
    foretold = today.forecast
    return {
        "since": account.days[0].day.isoformat(),
        "until": account.days[-1].day.isoformat(),
        "by": by,
        "today": _spent(today.spent),
        "weekBefore": _spent(today.then if today.before_kept else None),
        "forecast": foretold
        and {name: getattr(foretold, name) for name in ("cost", "low", "high", "days")},
        "month": _spent(account.month),
        "total": _spent(account.spent),
        "groups": _groups(dict(getattr(account, group))),
        "days": [_day(one, group) for one in account.days],
    }


def _day(day: Day, group: str) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "observed": round(1 - day.unseen, 4) if day.kept else None,
        "total": _spent(day.told),
        "groups": _groups(getattr(day, group)),
    }


def _groups(groups: Mapping[str, Spent]) -> list[dict[str, Any]]:
    return [{"id": name or None, **_known(spent)} for name, spent in groups.items()]


def _spent(spent: Spent | None) -> dict[str, Any] | None:
    return None if spent is None else _known(spent)


def _known(spent: Spent) -> dict[str, Any]:
    return {**{camel(name): getattr(spent, name) for name in _NAMES}, "cost": spent.cost}
