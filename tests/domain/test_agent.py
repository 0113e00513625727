"""Facts derived from an agent's runs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.agent import MOST_COST, MOST_TOKENS, Agent, Run, revised, session_id
from palais.domain.calls import Calls
from palais.domain.events import RunStatus
from tests.domain.story import usage

IDS = st.text(max_size=100) | st.from_regex(r"[A-Za-z0-9_-]{1,70}", fullmatch=True)


def spending(*costs: float | None) -> Run:
    return Run(
        "r", "builder", usage=Calls({str(at): usage(10, cost) for at, cost in enumerate(costs)})
    )


@pytest.mark.parametrize(
    "run_id", ["52202ee6-0d5d-4f1f-a5a7-2b7a7a3c7a0e", "a", "run_1", "A-9", "x" * 64]
)
def test_a_run_is_shown_under_its_own_id_where_that_is_safe(run_id: str) -> None:
    assert session_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id",
    ["announce:v1:agent:writer:subagent:7", "a/b", "..", "", "é", "x" * 65, "r-1", "\ud800", "a\n"],
)
def test_any_other_run_is_shown_under_a_digest(run_id: str) -> None:
    assert re.fullmatch(r"r-[0-9a-f]{24}", session_id(run_id))


@given(run_id=IDS)
def test_every_session_id_is_safe_in_a_path_and_the_same_each_time(run_id: str) -> None:
    shown = session_id(run_id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", shown)
    assert session_id(run_id) == shown


@given(one=IDS, other=IDS)
def test_two_runs_never_share_a_session_id(one: str, other: str) -> None:
    assert (session_id(one) == session_id(other)) == (one == other)


@given(run_id=IDS)
def test_no_run_can_pass_for_another_by_naming_its_digest(run_id: str) -> None:
    shown = session_id(run_id)
    assert (session_id(shown) == shown) == (shown == run_id)


def test_tokens_are_all_that_was_billed_cached_ones_too() -> None:
    call = usage(3716, tokens_out=9, cache_read=3716, cache_write=4)
    assert call.tokens == 7445
    assert Run("r", "builder", usage=Calls({"a": call, "b": usage(5)})).tokens == 7450


def test_the_cost_is_the_sum_of_the_calls() -> None:
    assert spending(0.5, 0.25).cost == 0.75
    assert spending(0.0).cost == 0.0


def test_a_run_never_boasts_of_more_than_its_columns_hold() -> None:
    calls = {str(at): usage(10**12, 1e6) for at in range(1_100)}
    run = Run("r", "builder", usage=Calls(calls))
    assert (run.tokens, run.cost) == (MOST_TOKENS, MOST_COST)


def test_one_call_without_a_price_makes_the_cost_unknown() -> None:
    assert spending(0.5, None, 0.25).cost is None
    assert spending(None).cost is None


def test_a_run_of_which_no_call_is_known_costs_what_its_end_said_or_nothing_is_known() -> None:
    run = Run("r", "builder", reported_tokens=1500, reported_cost=0.25)
    assert (run.tokens, run.cost) == (1500, 0.25)
    assert (Run("r", "builder").tokens, Run("r", "builder").cost) == (None, None)


def test_calls_that_were_counted_outweigh_what_the_end_said() -> None:
    run = Run(
        "r", "builder", usage=Calls({"a": usage(10, 0.5)}), reported_tokens=1, reported_cost=9.0
    )
    assert (run.tokens, run.cost) == (10, 0.5)


@pytest.mark.parametrize("status", RunStatus)
def test_only_a_running_run_is_open(status: RunStatus) -> None:
    assert Run("r", "builder", status).open == (status == "running")


@pytest.mark.parametrize(
    ("activity", "signal"),
    [
        *(("waiting", "waiting"), ("retrying", "retrying")),
        *(("typing", None), ("thinking", None), ("tool:exec", None), (None, None)),
    ],
)
def test_only_what_somebody_may_have_to_act_on_is_a_signal(
    activity: str | None, signal: str | None
) -> None:
    assert Agent("builder", "Builder", activity=activity).signal == signal


def test_a_revised_copy_leaves_the_original_as_it_was() -> None:
    run = Run("r", "builder")
    copy = revised(run, task="build")
    assert (run.task, copy.task, copy.run_id) == (None, "build", "r")
    assert revised(copy, task=None) == run
