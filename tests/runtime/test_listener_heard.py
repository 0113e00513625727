"""A gap begins where the gateway was last heard, not where its silence was noticed."""

import time

from tests.database import Database
from tests.runtime.scripted import HELLO, Script, Until

STARTED = "SELECT (extract(epoch FROM started_at) * 1000)::bigint FROM gaps"
SILENCE_MS = 200


def _now() -> int:
    return time.time_ns() // 1_000_000


def test_what_a_connection_lost_in_its_last_silence_lies_within_the_gap(
    script: Script, database: Database
) -> None:
    heard: list[int] = []
    silence = Until(lambda: _now() > heard[0] + SILENCE_MS)
    seen = Until(lambda: database.value("SELECT count(*) FROM gaps"))

    script.play([HELLO, lambda: heard.append(_now()), silence], [HELLO, seen])

    assert database.value(STARTED) <= heard[0]  # type: ignore[operator]
