"""The court of agents: one event in, the new state and what changed out. Pure."""

from palais.domain import ledger, rules, spans
from palais.domain.account import UsageListed, UsageWithheld
from palais.domain.agent import Agent, revised
from palais.domain.changes import Change
from palais.domain.events import (
    AgentRegistered,
    ConversationsActive,
    Event,
    GatewayRebooted,
    Profile,
    RosterListed,
    RunEnded,
    RunSeen,
    RunWithdrawn,
    SpanCompleted,
    SpanStarted,
    StatusReported,
    Unobserved,
    UsageReported,
)
from palais.domain.silence import RunsUnheard
from palais.domain.step import Court, Step


class UnknownAgentError(LookupError):
    """An event names an agent that nobody introduced; the event is dropped."""


def apply(court: Court, event: Event) -> tuple[Court, tuple[Change, ...]]:
    """Return the state after the event, and what it changed.

    Applying an event twice, or late, changes nothing the second time. Raises
    UnknownAgentError where the event's agent has not been introduced.
    """
    step = Step(court)
    take(step, event)
    return step.court, step.told()


def take(step: Step, event: Event) -> None:
    """Take an event into a step, as ``apply`` does; nothing is changed where it raises."""
    match event:
        case RosterListed():
            _roster(step, event)
        case AgentRegistered():
            _register(step, event.profile, event.at, overrides=True)
        case ConversationsActive():
            rules.conversations_active(step, event)
        case Unobserved():
            rules.unobserved(step, event)
        case GatewayRebooted():
            rules.gateway_rebooted(step, event)
        case RunsUnheard():
            rules.runs_unheard(step, event)
        case UsageListed() | UsageWithheld():
            step.changes.append(event)
        case _:
            _of_one_agent(step, event)


_AgentEvent = (
    StatusReported | RunSeen | RunEnded | RunWithdrawn | UsageReported | SpanStarted | SpanCompleted
)


def _of_one_agent(step: Step, event: _AgentEvent) -> None:
    agent = step.court.agents.get(event.agent_id)
    if agent is None:
        raise UnknownAgentError(event.agent_id)
    told = None
    match event:
        case StatusReported():
            told = _reported(agent, event)
        case RunSeen():
            rules.run_seen(step, event)
        case RunEnded():
            rules.run_ended(step, event)
        case RunWithdrawn():
            rules.run_withdrawn(step, event)
        case UsageReported():
            ledger.usage_reported(step, event)
        case SpanStarted() | SpanCompleted():
            spans.told(step, event)
    step.settle(event.agent_id, event.at, told)


def _reported(agent: Agent, event: StatusReported) -> Agent:
    return revised(
        agent,
        present=True,
        reported=event.status,
        reported_task=event.task,
        reported_task_id=event.task_id,
    )


def _roster(step: Step, event: RosterListed) -> None:
    listed = {profile.id for profile in event.agents}
    for profile in event.agents:
        _register(step, profile, event.at, overrides=False)
    for agent in tuple(step.court.agents.values()):
        if agent.present and agent.id not in listed:
            step.put_agent(revised(agent, present=False))
            step.settle(agent.id, event.at)


def _register(step: Step, profile: Profile, at: int, *, overrides: bool) -> None:
    before = step.court.agents.get(profile.id)
    after = _merged(before, profile, overrides=overrides)
    if before is None or _profile(before) != _profile(after):
        step.put_agent(after, profile=True)
        _registered(step, after, at)
    step.put_agent(revised(after, present=True, reported=after.reported if overrides else None))
    step.settle(profile.id, at)


def _merged(agent: Agent | None, profile: Profile, *, overrides: bool) -> Agent:
    if agent is None:
        agent = Agent(id=profile.id, name=profile.name or profile.id)
    keeps = agent.seeded and not overrides
    return revised(
        agent,
        name=agent.name if keeps else profile.name or agent.name,
        persona=agent.persona if keeps else profile.persona or agent.persona,
        bio=agent.bio if keeps else profile.bio or agent.bio,
        emoji=profile.emoji or agent.emoji,
        model=profile.model or agent.model,
        avatar_url=profile.avatar_url or agent.avatar_url,
    )


def _profile(agent: Agent) -> tuple[str | None, ...]:
    return (agent.name, agent.persona, agent.bio, agent.emoji, agent.model, agent.avatar_url)


def _registered(step: Step, agent: Agent, at: int) -> None:
    step.log(
        "agent.registered",
        at,
        agent.id,
        None,
        agent.name,
        name=agent.name,
        persona=agent.persona,
        bio=agent.bio,
        emoji=agent.emoji,
        model=agent.model,
        status=agent.status.value,
    )
