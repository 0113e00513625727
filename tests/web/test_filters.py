from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template_string

from palais.web import filters
from palais.web.catalogue import language

FR, EN = language("fr"), language("en")
NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


def before(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW, "à l’instant"),
        (before(seconds=4.9), "à l’instant"),
        (before(seconds=5), "il y a 5\u00a0s"),
        (before(seconds=59.9), "il y a 59\u00a0s"),
        (before(seconds=60), "il y a 1\u00a0min"),
        (before(minutes=59, seconds=59), "il y a 59\u00a0min"),
        (before(hours=1), "il y a 1\u00a0h"),
        (before(hours=23, minutes=59), "il y a 23\u00a0h"),
        (before(days=1), "hier"),
        (before(days=2), "il y a 2\u00a0j"),
        (before(days=29), "il y a 29\u00a0j"),
        (before(days=30), "le\u00a023\u00a0octobre\u00a02026"),
    ],
)
def test_a_moment_is_said_as_a_person_would(moment: datetime, said: str) -> None:
    assert filters.ago(FR, moment, NOW) == said


def test_a_clock_that_runs_ahead_makes_no_negative_time() -> None:
    ahead = NOW + timedelta(minutes=3)
    assert filters.ago(FR, ahead, NOW) == "à l’instant"
    assert filters.since(FR, ahead, NOW) == "depuis 0\u00a0s"


def test_an_unknown_moment_is_a_dash_and_says_nothing_since() -> None:
    assert filters.ago(FR, None, NOW) == "—"
    assert filters.since(FR, None, NOW) == ""
    assert filters.clock(FR, None) == "—"
    assert filters.exact(FR, None) == filters.iso(None) == ""


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=42), "depuis 42\u00a0s"),
        (timedelta(minutes=3), "depuis 3\u00a0min"),
        (timedelta(hours=26), "depuis 1\u00a0j"),
    ],
)
def test_a_state_has_lasted_since_its_start(span: timedelta, said: str) -> None:
    assert filters.since(FR, NOW - span, NOW) == said


def test_times_without_a_script_are_utc_and_say_so() -> None:
    paris = datetime.fromisoformat("2026-03-01T00:30:05+01:00")
    assert filters.clock(FR, paris) == "23:30:05\u00a0UTC"
    assert filters.exact(FR, paris) == "28\u00a0février\u00a02026 à 23:30:05\u00a0UTC"
    assert filters.iso(paris) == "2026-02-28T23:30:05.000Z"


def test_the_first_of_a_month_is_an_ordinal() -> None:
    assert filters.day(FR, datetime(2026, 8, 1, tzinfo=UTC)) == "1er\u00a0août\u00a02026"


@pytest.mark.parametrize("carried", ["2026-11-22T22:00:00.000Z", 1795384800000])
def test_an_event_carries_its_moment_as_text_or_as_milliseconds(carried: str | int) -> None:
    assert filters.instant(carried) == NOW


def test_an_event_without_a_moment_has_none() -> None:
    assert filters.instant(None) is None
    assert filters.instant("") is None


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (None, "—"),
        (0.0, "0,00\u00a0$"),
        (0.0004, "<\u00a00,01\u00a0$"),
        (0.01, "0,01\u00a0$"),
        (12.3456, "12,35\u00a0$"),
        (1234.5, "1\u202f234,50\u00a0$"),
        (1234567.0, "1\u202f234\u202f567,00\u00a0$"),
    ],
)
def test_money_is_french_and_an_unknown_cost_is_never_zero(usd: float | None, said: str) -> None:
    assert filters.money(FR, usd) == said


def test_counts_have_narrow_spaces_and_unknown_ones_are_a_dash() -> None:
    assert filters.count(FR, 1284333) == "1\u202f284\u202f333"
    assert filters.count(FR, 0) == "0"
    assert filters.count(FR, None) == "—"


def test_a_quality_that_nobody_gave_is_not_available() -> None:
    assert filters.quality(FR, 0.871) == "0,87"
    assert filters.quality(FR, None) == "n.\u00a0d."


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (None, "—"),
        (0, "0\u00a0ms"),
        (999, "999\u00a0ms"),
        (4299, "4,2\u00a0s"),
        (9999, "9,9\u00a0s"),
        (42_000, "42\u00a0s"),
        (72_000, "1\u00a0min 12\u00a0s"),
        (3_600_000, "1\u00a0h 00\u00a0min"),
        (7_530_000, "2\u00a0h 05\u00a0min"),
    ],
)
def test_a_duration_has_its_two_largest_units(ms: int | None, said: str) -> None:
    assert filters.duration(FR, ms) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Imhotep", "IM"),
        ("Marie Curie", "MC"),
        ("Marie Skłodowska-Curie", "MC"),
        ("élan", "ÉL"),
        ("R2D2", "R2"),
        ("X", "X"),
        ("", "?"),
        ("—", "?"),
        ("<script>", "SC"),
    ],
)
def test_initials_are_one_or_two_capitals(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_a_model_goes_by_its_own_name() -> None:
    assert filters.model_name("anthropic/claude-sonnet-5") == "claude-sonnet-5"
    assert filters.model_name("openrouter/meta/llama-5") == "llama-5"
    assert filters.model_name("gpt-6") == "gpt-6"
    assert filters.model_name(None) == "—"


@pytest.mark.parametrize(
    "url",
    [
        "/avatars/builder.png",
        "/a?v=3",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml,%3Csvg%3E",
    ],
)
def test_a_portrait_is_of_this_host_or_a_picture_in_itself(url: str) -> None:
    assert filters.safe_avatar(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "https://evil.example/a.png",
        "//evil.example/a.png",
        "/\\evil.example/a.png",
        "data:text/html,<script>",
        "data:image/gif;base64,AAAA",
        'data:image/png;"onerror=alert(1)',
        "avatars/builder.png",
        "/a.png\nx",
    ],
)
def test_any_other_portrait_is_not_loaded(url: str | None) -> None:
    assert filters.safe_avatar(url) is None


def test_in_english_dates_and_clocks_are_british_and_dollars_plain() -> None:
    first = datetime(2026, 8, 1, 23, 30, 5, tzinfo=UTC)
    assert filters.exact(EN, first) == "1\u00a0August\u00a02026 at 23:30:05\u00a0UTC"
    assert filters.ago(EN, before(minutes=3), NOW) == "3\u00a0min ago"
    assert filters.ago(EN, before(days=30), NOW) == "on\u00a023\u00a0October\u00a02026"
    assert filters.since(EN, before(hours=26), NOW) == "for 1\u00a0d"
    assert filters.money(EN, 1234.5) == "$1,234.50"
    assert filters.money(EN, 0.0004) == "<\u00a0$0.01"
    assert filters.count(EN, 1284333) == "1,284,333"
    assert filters.duration(EN, 4299) == "4.2\u00a0s"
    assert (filters.quality(EN, 0.871), filters.quality(EN, None)) == ("0.87", "n/a")


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("fr", "— — Au travail il y a 3\u00a0s 1,50\u00a0$"),
        ("en", "— — Working 3\u00a0s ago $1.50"),
    ],
)
def test_templates_know_the_filters_by_name(app: Flask, accepted: str, said: str) -> None:
    template = "{{ none|ago }} {{ none|money }} {{ 'busy'|status_word }} "
    with app.test_request_context(headers={"Accept-Language": accepted}):
        written = render_template_string(template + "{{ say('ago.seconds', n=3) }} {{ 1.5|money }}")
    assert written == said
