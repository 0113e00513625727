"""What may differ from the uncut life when frames were lost: all of it is listed here.

What Palais missed it may not know (None), and what it infers it says to be inferred. It may never
tell another figure, another time than one the gateway named, or a run that does not exist.
"""

from collections.abc import Callable
from typing import Any, Final

from palais.domain.agent import Run
from palais.domain.events import RunStatus
from tests.gateway.books import RUN, again, history, idle_changes, runs, tale, told_twice
from tests.gateway.lives import Course, Life
from tests.gateway.replay import consistent

Rule = Callable[[Life, Run, Run], bool]


def unknown(name: str) -> Rule:
    """Nothing told it: a frame that was lost is all that ever did."""
    return lambda _life, _whole, run: getattr(run, name) is None


def named(name: str) -> Rule:
    """The gateway tells more than one time for it: of being accepted, of beginning, of an end."""
    return lambda life, _whole, run: getattr(run, name) in life.times


def worded(_life: Life, whole: Run, run: Run) -> bool:
    """A task has a shortened title besides the question itself."""
    title = (whole.task or "").removesuffix("…")
    return title != whole.task and (run.task or "").startswith(title)


def lost(life: Life, _whole: Run, run: Run) -> bool:
    """Its end is known to nobody any more: protocol 3 keeps no record of runs."""
    return life.protocol < 4 and run.status is RunStatus.LOST and run.inferred


def priced(_life: Life, whole: Run, run: Run) -> bool:
    """Only the row of a conversation tells it, and the uncut life had no need of the row."""
    return whole.cost is None and not run.usage


def cut_short(_life: Life, whole: Run, run: Run) -> bool:
    """The row of an aborted run has a reason; the frame that the uncut life saw has none."""
    return whole.status is RunStatus.ABORTED


def unread(life: Life, _whole: Run, run: Run) -> bool:
    """Protocol 3 does not say to which run a message belongs: not all can be counted."""
    return life.protocol < 4 and run.tokens is None


PERMITTED: Final[dict[str, tuple[Rule, ...]]] = {
    "status": (lost,),
    "inferred": (lost,),
    "started_at": (named("started_at"),),
    "ended_at": (named("ended_at"), lost),
    "model": (unknown("model"),),
    "task": (unknown("task"), worded),
    "summary": (unknown("summary"),),
    "error": (unknown("error"), cut_short),
    "tokens": (unread,),
    "cost": (unread, priced),
    "usage": (unread,),
}


def of_runs(life: Life, course: Course) -> list[str]:
    """Return how the runs of a life with losses differ from the uncut one, beyond the permitted."""
    whole, found = runs(life.uncut.replay.court), runs(course.replay.court)
    faults = [f"made up: {run_id}" for run_id in found.keys() - whole.keys()]
    if life.protocol >= 4:
        faults += [f"not on record: {run_id}" for run_id in whole.keys() - found.keys()]
    for run_id in whole.keys() & found.keys():
        faults += of_run(life, whole[run_id], found[run_id])
    return faults


def of_run(life: Life, whole: Run, run: Run) -> list[str]:
    """Return the facts of a run that are neither those of the uncut life nor permitted."""

    def fact(one: Run, name: str) -> Any:
        return sorted(one.usage) if name == "usage" else getattr(one, name)

    return [
        f"{run.run_id} {name}: {fact(whole, name)!r} became {fact(run, name)!r}"
        for name in (*RUN, "usage")
        if fact(whole, name) != fact(run, name)
        and not any(rule(life, whole, run) for rule in PERMITTED.get(name, ()))
    ]


def of_agents(life: Life, course: Course) -> list[str]:
    """Return the agents that are not what they are in the uncut life; see ``of_runs``."""
    if life.protocol < 4:
        return []  # runs that nobody can name any more are on the books of no agent
    whole, found = life.uncut.replay.court.agents, course.replay.court.agents
    return [
        f"{agent_id}: {whole[agent_id].status} became {found[agent_id].status}"
        for agent_id in whole
        if (whole[agent_id].status, whole[agent_id].active_sessions)
        != (found[agent_id].status, found[agent_id].active_sessions)
    ]


def of_history(life: Life, course: Course) -> list[str]:
    """Return what the log tells twice, or though it never came to pass."""
    lines = history(course.changes)
    whole = {tale(line) for line in history(life.uncut.changes)}
    return [
        *(f"twice: {it}" for it in told_twice(lines)),
        *(f"no news: {it}" for it in idle_changes(lines)),
        *(
            f"made up: {tale(line)}"
            for line in lines
            if line.key and line.type != "gap" and not line.fields.get("inferred")
            if not again(line)
            if tale(line) not in whole
        ),
    ]


def for_ever(course: Course) -> list[str]:
    """Return the runs that go on though the gateway says that nothing does, and who is busy."""
    replay, busy = course.replay, course.truth.busy()
    open_runs = replay.court.open.values()
    faults = [f"for ever: {run.run_id}" for run in open_runs if run.conversation not in busy]
    return faults if consistent(replay) else [*faults, "the books do not agree"]


def faults(life: Life, course: Course) -> list[str]:
    """Return all that is wrong with the end of a life in which frames were lost."""
    return [
        *of_runs(life, course),
        *of_agents(life, course),
        *of_history(life, course),
        *for_ever(course),
    ]
