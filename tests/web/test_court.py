"""Who comes first, who is counted where, who is asked for."""

from dataclasses import dataclass

import pytest

from palais.web.court import STANDINGS, Choice, counts, folded, ordered, standing


@dataclass
class One:
    id: str
    status: str = "idle"
    activity: str | None = None
    name: str = ""
    persona: str = ""
    model: str | None = None


COURT = [
    One("mobutoo", "idle"),
    One("imhotep", "busy", "tool:exec"),
    One("thot", "offline"),
    One("cfo", "busy", "waiting"),
    One("r2d2", "error"),
    One("hermes", "busy", "thinking"),
    One("piccolo", "idle"),
]


def test_who_needs_somebody_comes_first_then_who_works_each_in_the_seed_s_order() -> None:
    assert [one.id for one in ordered(COURT)] == [
        *("r2d2", "cfo", "imhotep", "hermes", "mobutoo", "piccolo", "thot")
    ]


def test_everybody_is_counted_once_and_no_standing_is_left_out() -> None:
    assert counts(COURT) == {"error": 1, "waiting": 1, "busy": 2, "idle": 2, "offline": 1}
    assert tuple(counts([])) == STANDINGS


def test_only_who_is_at_work_can_wait_for_somebody() -> None:
    assert standing(One("a", "idle", "waiting")) == "idle"


IMHOTEP = One("builder", "busy", None, "Imhotep", "Architecte et ingénieur", "anthropic/claude-4")


@pytest.mark.parametrize(
    ("choice", "taken"),
    [
        (Choice(), True),
        (Choice("busy"), True),
        (Choice("waiting"), False),
        (Choice("", "IMHO"), True),
        (Choice("", "ingenieur"), True),
        (Choice("", "claude arch"), True),
        (Choice("", "builder"), True),
        (Choice("", "scribe"), False),
        (Choice("idle", "imhotep"), False),
    ],
)
def test_an_agent_is_found_by_any_of_its_words_and_its_standing(
    choice: Choice, taken: bool
) -> None:
    assert choice.takes(IMHOTEP) is taken


def test_case_and_accents_do_not_count_in_a_search() -> None:
    assert folded("Éléphant ŒUVRE Straße") == folded("elephant œuvre STRASSE")
