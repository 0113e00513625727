"""The scripts write every fact as the server does, in every language."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from palais.web import filters, words
from palais.web.catalogue import language
from palais.web.language import Language
from tests.browser.conftest import Opener
from tests.browser.test_live import live

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
AGES = (0, 4, 5, 59, 60, 3599, 3600, 86_399, 86_400, 172_800, 2_000_000, 30_000_000)
MOMENTS = [
    *(NOW - timedelta(seconds=age) for age in AGES),
    *(datetime(2026, month, 1, 0, 5, 9, tzinfo=UTC) for month in range(1, 13)),
    datetime(2027, 2, 28, 12, 0, 0, tzinfo=UTC),
]
CENTS = [None, 0, 0.004, 0.01, 1.5, 0.125, 0.135, 1.005, 12.3456, 1234.5, 9_876_543.21]
AVATARS = [None, "/a.png", "//a.png", "/\\a", "javascript:x", "data:image/png;base64,A"]

SPOKEN: dict[str, tuple[Callable[..., str], list[Any]]] = {
    "money": (filters.money, CENTS),
    "price": (filters.price, [*CENTS, 0.00001, 0.0001, 0.00235, 0.99996]),
    "count": (filters.count, [None, 0, 7, 999, 1000, 9999, 10_000, 1_284_333]),
    "quality": (filters.quality, [None, 0.871, 1, 0.125, 0.135]),
    "unrated": (words.unrated, ["running", "completed", "failed", "timeout", "aborted", "lost"]),
    "duration": (
        filters.duration,
        [None, 0, 999, 4299, 9999, 42_000, 72_000, 3_600_000, 7_530_000],
    ),
    "activityWord": (words.activity_word, [None, "thinking", "tool:a:b", "waiting", "dreaming"]),
}
PLAIN: dict[str, tuple[Callable[..., str | None], list[Any]]] = {
    "initials": (
        filters.initials,
        ["Imhotep", "Marie Curie", "élan", "R2D2", "X", "", "—", "<script>"],
    ),
    "modelName": (filters.model_name, [None, "a/b/c", "gpt-6"]),
    "safeAvatar": (filters.safe_avatar, AVATARS),
}
MANY: dict[str, list[int]] = {key: [0, 1, 2, 21, 1000] for key in ("news", "waiting", "agents")}

ASK = """
async ([cases, moments, now, many]) => {
  const format = await import("/static/js/format.js");
  const { say } = await import("/static/js/page.js");
  const said = {};
  for (const [name, given] of Object.entries(cases)) {
    said[name] = given.map((one) => format[name](one));
  }
  for (const name of ["ago", "since"]) said[name] = moments.map((one) => format[name](one, now));
  for (const name of ["day", "exact"]) said[name] = moments.map((one) => format[name](one));
  said.clock = moments.map((one) => format.clock(one, one));
  for (const [key, numbers] of Object.entries(many)) {
    said[key] = numbers.map((n) => say(key, { n }));
  }
  return said;
}
"""


def ours(spoken: Language) -> dict[str, list[str | None]]:
    """Write them all as the server does; where the page has the local time, that is UTC here."""
    said: dict[str, list[str | None]] = {}
    for name, (write, given) in SPOKEN.items():
        said[name] = [write(spoken, one) for one in given]
    for name, (plain, given) in PLAIN.items():
        said[name] = [plain(one) for one in given]
    said["ago"] = [filters.ago(spoken, moment, NOW) for moment in MOMENTS]
    said["since"] = [filters.since(spoken, moment, NOW) for moment in MOMENTS]
    said["day"] = [filters.day(spoken, moment) for moment in MOMENTS]
    said["exact"] = [local(filters.exact(spoken, moment)) for moment in MOMENTS]
    said["clock"] = [local(filters.clock(spoken, moment)) for moment in MOMENTS]
    for key, numbers in MANY.items():
        said[key] = [spoken.say(key, n=number) for number in numbers]
    return said


def local(text: str) -> str:
    return text.removesuffix("\u00a0UTC")


def theirs(page: Page) -> dict[str, list[str | None]]:
    cases = {name: given for name, (_, given) in (SPOKEN | PLAIN).items()}
    moments = [moment.timestamp() * 1000 for moment in MOMENTS]
    said: dict[str, list[str | None]] = page.evaluate(
        ASK, [cases, moments, NOW.timestamp() * 1000, MANY]
    )
    return said


@pytest.mark.parametrize("tag", ["fr-FR", "en-GB"])
def test_the_scripts_write_facts_as_the_server_does(open_page: Opener, tag: str) -> None:
    page = live(open_page(locale=tag, timezone_id="UTC"))
    written = ours(language(tag[:2]))

    assert {name: said for name, said in theirs(page).items() if said != written[name]} == {}


def test_another_english_than_ours_changes_nothing_in_what_is_written(open_page: Opener) -> None:
    page = live(open_page(locale="en-US", timezone_id="UTC"))

    assert theirs(page)["exact"] == ours(language("en"))["exact"]
