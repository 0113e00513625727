"""Price files: Palais's own, and before it the operator's (docs/costs.md)."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from palais.config import ROOT
from palais.domain.prices import Price, Prices, Rates, Table
from palais.domain.text import NAME_LIMIT, clean
from palais.errors import ConfigError

OWN: Final = ROOT / "palais" / "prices.json"

MOST: Final = 10_000
"""More USD than a million tokens cost anywhere: whoever writes more means another unit."""

VERSION_LIMIT: Final = 40
RATES: Final = ("input", "output", "cacheRead", "cacheWrite")
KINDS: Final = frozenset({*RATES, "above", "until", "aliases"})

Json = dict[str, Any]


def load(path: Path | None) -> Prices:
    """Return the prices of the operator's file, where there is one, and of Palais's own.

    Of a model that both have, the operator's count. Raises ConfigError, naming the model, where a
    file is not as it has to be.
    """
    return Prices([read(file) for file in (path, OWN) if file is not None])


def read(path: Path) -> Table:
    """Return the table of a price file; raise ConfigError where it is none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"PALAIS_PRICES: {path} cannot be read: {error.strerror}. Correct the path, or leave "
            "PALAIS_PRICES out."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"PALAIS_PRICES: {path} is not JSON: {error}. Correct it.") from None
    try:
        return _table(told)
    except _WrongError as error:
        raise ConfigError(f"PALAIS_PRICES: {path}: {error} See docs/costs.md.") from None


class _WrongError(Exception):
    """What is wrong with a file, as a sentence."""


def _table(told: object) -> Table:
    if not isinstance(told, dict) or not isinstance(told.get("models"), dict):
        raise _WrongError('It must be an object with "version" and "models".')
    version = told.get("version")
    if not isinstance(version, str) or not version or clean(version, VERSION_LIMIT) != version:
        raise _WrongError('"version" must be a short text, e.g. "2026-11-23".')
    models: dict[str, Price | None] = {}
    for name, said in told["models"].items():
        price = None if said is None else _price(name, said)
        for one in (name, *_aliases(name, said)):
            if one in models or clean(one, NAME_LIMIT) != one:
                raise _WrongError(f"{one!r} is named twice, or is no name of a model.")
            models[one] = price
    return Table(version, models)


def _aliases(name: str, said: Json | None) -> list[str]:
    told = (said or {}).get("aliases", [])
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise _WrongError(f'{name}: "aliases" must be a list of names.')
    return told


def _price(name: str, said: object) -> Price:
    if not isinstance(said, dict) or not said.keys() <= KINDS:
        raise _WrongError(f"{name} must have {', '.join(sorted(KINDS))} and nothing else, or null.")
    rates = _rates(name, said)
    if rates is None:
        raise _WrongError(f'{name} must have "input" and "output".')
    limit, beyond = _above(name, said["above"]) if "above" in said else (None, None)
    return Price(rates, limit, beyond, _until(name, said.get("until")))


def _above(name: str, said: object) -> tuple[int, Rates | None]:
    if not isinstance(said, dict) or not said.keys() <= {*RATES, "tokens"}:
        raise _WrongError(f'{name}: "above" must have "tokens" and prices.')
    tokens = said.get("tokens")
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens <= 0:
        raise _WrongError(f'{name}: "tokens" of "above" must be a whole number above 0.')
    return tokens, _rates(name, said)


def _rates(name: str, said: Json) -> Rates | None:
    """Return the prices told; None where there are none at all."""
    told = {kind: _usd(name, kind, said[kind]) for kind in RATES if kind in said}
    if not told:
        return None
    if not {"input", "output"} <= told.keys():
        raise _WrongError(f'{name} must have "input" and "output".')
    return Rates(told["input"], told["output"], told.get("cacheRead"), told.get("cacheWrite"))


def _usd(name: str, kind: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _WrongError(f'{name}: "{kind}" must be a number of USD a million tokens.')
    if not 0 <= value <= MOST:
        raise _WrongError(f'{name}: "{kind}" must be from 0 to {MOST:,} USD a million tokens.')
    return float(value)


def _until(name: str, value: object) -> int | None:
    if value is None:
        return None
    try:
        moment = datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise _WrongError(f'{name}: "until" must be a date, e.g. "2027-01-01".') from None
    return int(moment.timestamp()) * 1000
