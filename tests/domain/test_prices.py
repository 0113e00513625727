"""What a call costs where nobody told: by the table, or unknown."""

from dataclasses import replace

import pytest

from palais.domain.events import Event, RunSeen, Span, SpanCompleted, Usage, UsageReported
from palais.domain.prices import Price, Prices, Rates, Table
from tests.domain.story import T0

RATES = Rates(1.0, 2.0, 0.5, 4.0)
OURS = Table(
    "ours",
    {
        "a/large": Price(RATES),
        "a/bare": Price(Rates(1.0, 2.0)),
        "a/long": Price(RATES, limit=100, beyond=Rates(10.0, 20.0, 5.0, 40.0)),
        "a/short": Price(RATES, limit=100),
        "a/old": Price(RATES, until=T0),
        "local/*": Price(Rates(0.0, 0.0, 0.0, 0.0)),
        "local/*cloud": None,
    },
)
THEIRS = Table("theirs", {"a/large": Price(Rates(7.0, 7.0, 7.0, 7.0)), "a/none": None, "a/*": None})
CALL = Usage(10, 20, 40, 50, model="a/large", at=T0)


def cost(model: str | None, usage: Usage = CALL, *tables: Table) -> float | None:
    return Prices(tables or [OURS]).of(replace(usage, model=model)).cost


def test_each_kind_of_token_has_its_price_for_a_million() -> None:
    priced = Prices([OURS]).of(CALL)
    assert priced == replace(CALL, cost=270e-6, priced="ours")


@pytest.mark.parametrize("model", ["a/unheard-of", "a", "large", "", None, "A/LARGE", "a/large-2"])
def test_a_model_that_no_table_knows_has_no_cost(model: str | None) -> None:
    assert cost(model) is None


@pytest.mark.parametrize("told", [0.0, 0.25])
def test_what_was_told_is_not_priced_again(told: float) -> None:
    usage = replace(CALL, cost=told)
    assert Prices([OURS]).of(usage) is usage


def test_tokens_that_nobody_divided_have_no_cost() -> None:
    assert cost("a/large", Usage(total=100, at=T0)) is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(10, 20), 50e-6),
        (Usage(10, 20, cache_read=1), None),
        (Usage(10, 20, cache_write=1), None),
    ],
)
def test_a_kind_of_token_without_a_price_makes_the_call_unknown(
    usage: Usage, expected: float | None
) -> None:
    assert cost("a/bare", usage) == expected


@pytest.mark.parametrize(("tokens", "expected"), [(10, 270e-6), (11, 2710e-6)])
def test_a_long_prompt_is_billed_as_a_whole_with_what_it_reads_and_writes(
    tokens: int, expected: float
) -> None:
    assert cost("a/long", replace(CALL, tokens_in=tokens)) == expected
    assert cost("a/long", replace(CALL, tokens_in=10, tokens_out=10**6)) == 2.00023


def test_a_long_prompt_without_a_price_is_unknown() -> None:
    assert cost("a/short") == 270e-6
    assert cost("a/short", replace(CALL, tokens_in=11)) is None


def test_a_price_that_has_run_out_is_none() -> None:
    assert cost("a/old", replace(CALL, at=T0 - 1)) == 270e-6
    assert cost("a/old") is None


def test_the_longest_pattern_that_fits_counts() -> None:
    assert [cost("local/llama"), cost("local/gpt-oss:120b-cloud")] == [0.0, None]


def test_the_first_table_that_says_anything_wins() -> None:
    assert cost("a/large", CALL, THEIRS, OURS) == 840e-6
    assert cost("a/none", CALL, THEIRS, OURS) is None
    assert cost("a/bare", Usage(1, 1), THEIRS, OURS) is None, "a pattern is a word on it too"
    assert cost("local/llama", CALL, THEIRS, OURS) == 0.0
    assert cost("local/llama", CALL, OURS, THEIRS) == 0.0


def test_without_tables_nothing_has_a_price() -> None:
    assert Prices().of(CALL) is CALL


def spans(**more: object) -> Event:
    said = {"model": "a/large", "tokens_in": 10, "tokens_out": 20, **more}
    return SpanCompleted("builder", Span("s", "llm_call", "m", **said), T0)  # type: ignore[arg-type]


def test_events_of_a_call_get_its_cost_and_others_pass() -> None:
    prices, sign = Prices([OURS]), RunSeen("a", "builder", T0)
    report = UsageReported("k", "builder", T0, CALL)
    assert prices.told(report) == replace(report, usage=prices.of(CALL))
    assert prices.told(sign) is sign
    priced = prices.told(spans())
    assert isinstance(priced, SpanCompleted)
    assert priced.span.cost == 50e-6
    cached = prices.told(spans(cache_read=40, cache_write=50))
    assert isinstance(cached, SpanCompleted)
    assert cached.span.cost == Prices([OURS]).of(CALL).cost
    for event in (spans(cost=0.5), spans(tokens_out=None)):
        assert prices.told(event) is event
