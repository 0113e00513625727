"""The steps of a session, and of those that it led to, are read as they hang together."""

import pytest
from sqlalchemy import Engine

from palais.store import spans
from palais.store.spans import Delegation
from tests.web.traced import agents, at, delegated, session, step, steps


@pytest.fixture
def two_sessions(engine: Engine) -> None:
    agents(engine)
    delegated(engine)


@pytest.mark.usefixtures("two_sessions")
def test_a_session_s_own_steps_come_the_earliest_first_with_or_without_content(
    engine: Engine,
) -> None:
    with engine.connect() as conn:
        whole = spans.of_session(conn, "s1")
        bare = spans.of_session(conn, "s1", content=False)

    assert [one.id for one in whole] == ["m1", "t1", "t2", "d1", "a1"]
    assert [one.agent_id for one in whole] == ["builder"] * 5
    assert (whole[0].tokens, whole[1].tokens) == (1000, None)
    assert [(one.input, one.output) for one in whole if one.input] == [('{"path": "/tmp"}', "ok")]
    assert not any(one.input or one.output for one in bare)


@pytest.mark.usefixtures("two_sessions")
def test_the_steps_of_a_delegated_session_stand_below_the_delegation(engine: Engine) -> None:
    with engine.connect() as conn:
        found = {one.id: one for one in spans.with_delegated(conn, "s1")}

    assert list(found) == ["m1", "t1", "t2", "d1", "a1", "s2/m1", "s2/t1"]
    assert (found["s2/m1"].parent_id, found["s2/t1"].parent_id) == ("d1", "s2/m1")
    assert (found["s2/m1"].session_id, found["s2/m1"].agent_id) == ("s2", "writer")


@pytest.mark.usefixtures("two_sessions")
def test_one_knows_who_began_a_session_and_where_it_all_began(engine: Engine) -> None:
    session(engine, "s3")
    steps(engine, "s2", step("d1", type="delegation", child_session_id="s3"))
    with engine.connect() as conn:
        assert spans.begun_by(conn, "s2") == Delegation("builder", "s1", "d1")
        assert spans.begun_by(conn, "s1") is None
        assert [spans.root_of(conn, one) for one in ("s1", "s2", "s3")] == ["s1"] * 3


def test_sessions_that_begin_each_other_end_where_they_began(engine: Engine) -> None:
    agents(engine)
    for own, other in (("s1", "s2"), ("s2", "s3"), ("s3", "s1")):
        session(engine, own)
        steps(
            engine,
            own,
            step("d", type="delegation", child_session_id=other),
            step("e", type="delegation", child_session_id=own, started_at=at(1)),
        )
    with engine.connect() as conn:
        found = [one.id for one in spans.with_delegated(conn, "s1")]
        roots = {spans.root_of(conn, one) for one in ("s1", "s2", "s3")}

    assert found == ["d", "e", "s2/d", "s2/e", "s3/d", "s3/e"]
    assert roots == {"s1"}


def test_delegation_is_followed_only_so_far(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "DEPTH", 2)
    monkeypatch.setattr(spans, "SESSIONS", 4)
    agents(engine)
    for number in range(9):
        session(engine, f"s{number}")
    for own, begun in (("s0", "s1 s2 s5 s6 s7"), ("s1", "s3"), ("s3", "s4")):
        told = [step(f"to {one}", type="delegation", child_session_id=one) for one in begun.split()]
        steps(engine, own, *told)
    with engine.connect() as conn:
        found = [one.id for one in spans.with_delegated(conn, "s0")]

    assert found == [f"to s{one}" for one in (1, 2, 5, 6, 7)] + ["s1/to s3"]


@pytest.mark.usefixtures("two_sessions")
def test_one_step_is_found_by_its_id_and_no_other_is(engine: Engine) -> None:
    with engine.connect() as conn:
        found = spans.one(conn, "s1", "t2")
        assert found is not None
        assert found.error == "No such file"
        assert spans.one(conn, "s1", "s2/m1") is None
        assert spans.one(conn, "s1", "nul\x00") is None


def test_the_texts_of_a_session_are_told_only_so_far_and_the_rest_is_marked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "TEXTS", 10)
    agents(engine)
    session(engine, "s")
    known = [("a", "1234", "567"), ("b", "890", None), ("c", "x", None), ("d", None, None)]
    told = [
        step(name, input=given, output=made, started_at=at(number))
        for number, (name, given, made) in enumerate(known)
    ]
    steps(engine, "s", *reversed(told))
    with engine.connect() as conn:
        found = spans.of_session(conn, "s")
        assert spans.one(conn, "s", "c").input == "x"  # type: ignore[union-attr]

    texts = [(one.input, one.output, one.input_clipped, one.output_clipped) for one in found]
    assert texts == [
        *(("1234", "567", False, False), ("890", None, False, False)),
        *((None, None, True, False), (None, None, False, False)),
    ]
