"""Who is at court: seeded, listed by the gateway, introduced by a bridge, gone, and back."""

from palais.domain.agent import Agent
from palais.domain.changes import AgentChanged
from palais.domain.events import AgentRegistered, Profile, RosterListed, Status, StatusReported
from palais.domain.step import Court
from tests.domain.story import T0, Story, ended, listed, seen

IMHOTEP = Agent("builder", "Imhotep", persona="architecte", bio="Bâtit.", seeded=True)
BUILDER = Profile("builder", "Builder", "calm builder", emoji="🛠️", model="mock/large")


def seeded() -> Story:
    return Story(court=Court(agents={"builder": IMHOTEP}))


def test_a_seeded_agent_is_offline_until_the_gateway_lists_it() -> None:
    story = seeded()
    assert story.agent().status == "offline"
    story.tell(listed("builder"))
    assert (story.agent().status, story.agent().status_since) == ("idle", T0)


def test_a_run_of_an_agent_that_nobody_listed_yet_leaves_it_offline() -> None:
    story = seeded()
    story.tell(seen("a"))
    assert (story.agent().status, story.agent().active_sessions) == ("offline", 1)
    story.tell(listed("builder"))
    assert story.agent().status == "busy"


def test_the_name_and_persona_of_the_seed_are_kept_and_the_rest_is_the_gateways() -> None:
    story = seeded()
    story.tell(RosterListed((BUILDER,), T0))
    agent = story.agent()
    assert (agent.name, agent.persona, agent.bio) == ("Imhotep", "architecte", "Bâtit.")
    assert (agent.emoji, agent.model) == ("🛠️", "mock/large")


def test_an_agent_that_the_seed_does_not_know_appears_by_itself() -> None:
    story = seeded()
    story.tell(RosterListed((BUILDER, Profile("herald", "Herald")), T0))
    assert (story.agent("herald").name, story.agent("herald").status) == ("Herald", "idle")
    assert [it.agent_id for it in story.logged("agent.registered")] == ["builder", "herald"]


def test_an_agent_of_which_only_the_id_is_known_goes_by_it() -> None:
    assert Story(listed("herald")).agent("herald").name == "herald"


def test_a_list_that_says_nothing_new_changes_nothing() -> None:
    story = Story(RosterListed((BUILDER, Profile("herald")), T0))
    assert story.tell(RosterListed((BUILDER, Profile("herald")), T0 + 1)) == []


def test_a_new_name_in_the_list_is_the_new_name() -> None:
    story = Story(listed("builder"))
    changes = story.tell(RosterListed((Profile("builder", "Bob"),), T0 + 1))
    assert story.agent().name == "Bob"
    assert [it.profile for it in changes if isinstance(it, AgentChanged)] == [True]
    assert len(story.logged("agent.registered")) == 2


def test_an_agent_that_is_no_longer_listed_is_offline_and_kept() -> None:
    story = Story(listed("builder", "writer"))
    changes = story.tell(listed("writer", at=T0 + 5))
    assert (story.agent().status, story.agent().status_since) == ("offline", T0 + 5)
    assert story.agent("writer").status == "idle"
    assert {it.agent.id for it in changes if isinstance(it, AgentChanged)} == {"builder"}


def test_an_agent_that_is_listed_again_is_idle() -> None:
    story = Story(listed("builder", "writer"), listed("writer"), listed("builder", "writer"))
    assert story.agent().status == "idle"
    statuses = [it.fields["status"] for it in story.logged("agent.status")]
    assert statuses == ["idle", "idle", "offline", "idle"]


def test_an_agent_that_comes_back_with_a_run_is_busy_and_with_a_failure_in_error() -> None:
    story = Story(listed("builder", "writer"), seen("a"), listed("writer"))
    assert story.agent().status == "offline"
    story.tell(listed("builder", "writer"))
    assert story.agent().status == "busy"
    story.tell(ended("a", "failed"), listed("writer"), listed("builder", "writer"))
    assert story.agent().status == "error"


def test_an_empty_list_sends_everybody_away_and_forgets_nobody() -> None:
    story = Story(listed("builder", "writer"), listed())
    assert [agent.status for agent in story.court.agents.values()] == ["offline"] * 2


def test_an_agent_that_introduces_itself_is_called_what_it_says_seed_or_not() -> None:
    story = seeded()
    story.tell(AgentRegistered(Profile("builder", "Im", avatar_url="https://a/b.png"), T0))
    agent = story.agent()
    assert (agent.name, agent.avatar_url, agent.status) == ("Im", "https://a/b.png", "idle")
    assert (agent.persona, agent.bio) == ("architecte", "Bâtit.")


def test_an_agent_that_introduces_itself_again_is_what_it_last_said_it_was() -> None:
    story = Story(listed("builder"), StatusReported("builder", Status.ERROR, T0))
    story.tell(AgentRegistered(Profile("builder", "Im"), T0 + 1))
    assert story.agent().status == "error"


def test_a_gateways_list_ends_what_an_agent_once_said_of_itself() -> None:
    story = Story(listed("builder"), StatusReported("builder", Status.BUSY, T0))
    story.tell(listed("builder", at=T0 + 1))
    assert story.agent().status == "idle"


def test_an_agent_that_speaks_for_itself_is_there() -> None:
    story = seeded()
    story.tell(StatusReported("builder", Status.IDLE, T0))
    assert story.agent().status == "idle"
