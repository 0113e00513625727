"""The relay by itself: real modules in a browser, before a stream and tabs that a test moves."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener, Watch

pytestmark = pytest.mark.browser

STAND_INS = """
window.sources = [];
window.EventSource = class {
  static CLOSED = 2;
  constructor(url) {
    Object.assign(this, { url, readyState: 1, on: {}, last: "" });
    sources.push(this);
  }
  addEventListener(name, listener) { this.on[name] = listener; }
  close() { this.readyState = 2; }
};
window.say = (name, data = {}, id) => {
  const source = sources.at(-1);
  source.last = id ?? source.last;
  source.on[name]({ data: JSON.stringify(data), lastEventId: source.last });
};
window.ports = {};
window.tell = (tab, name, more = {}) => {
  ports[tab] ??= { got: [], postMessage(one) { this.got.push(one); }, close() {} };
  take(ports[tab], { name, ...more });
};
window.got = (tab) => ports[tab].got.splice(0);
"""
TURN = 20_000  # milliseconds between two questions of the relay


class Relay:
    """A relay in a page; tabs are names."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(
            """async () => {
                 const { startRelay } = await import("/static/js/relay.js");
                 window.take = startRelay();
               }"""
        )

    def tell(self, tab: str, name: str, **more: str) -> None:
        """Let a tab say something."""
        self.page.evaluate("([tab, name, more]) => tell(tab, name, more)", [tab, name, more])

    def join(self, tab: str, cursor: str) -> list[str]:
        """Let a tab join, and give what it got, in short."""
        self.tell(tab, "join", url="/api/sse", cursor=cursor)
        return self.got(tab)

    def say(self, name: str, event_id: str | None = None, **data: Any) -> None:
        """Let the stream say something."""
        self.page.evaluate("([name, data, id]) => say(name, data, id)", [name, data, event_id])

    def connect(self, head: str) -> None:
        """Let the stream begin."""
        epoch, _, number = head.partition(".")
        self.say("connected", epoch=epoch, head=int(number))
        self.say("gateway", state="connected")

    def got(self, tab: str) -> list[str]:
        """Give the ids, else the names, of what a tab got since the last time."""
        return [one.get("id") or one["name"] for one in self.page.evaluate("got", tab)]

    def sources(self) -> list[tuple[str, bool]]:
        """Give the address of each stream that was opened, and whether it is open."""
        return [
            (url.partition("=")[2], state != 2)
            for url, state in self.page.evaluate("sources.map((s) => [s.url, s.readyState])")
        ]


@pytest.fixture
def relay(open_page: Opener, watch: Watch) -> Relay:
    watch.expected.append("404")  # a page that is only a script asks for /favicon.ico
    page = open_page("/static/js/cursor.js", before=STAND_INS)
    page.clock.install()
    return Relay(page)


def test_the_first_tab_opens_the_stream_and_the_last_one_closes_it(relay: Relay) -> None:
    assert relay.join("a", "e.5") == ["joined"]
    assert relay.join("b", "e.5") == ["joined"]
    assert relay.sources() == [("e.5", True)]
    relay.tell("a", "leave")
    assert relay.sources() == [("e.5", True)]
    relay.tell("b", "leave")
    assert relay.sources() == [("e.5", False)]
    relay.join("c", "e.9")
    assert relay.sources() == [("e.5", False), ("e.9", True)]


def test_a_newcomer_gets_how_the_stream_stands_and_the_events_after_its_cursor(
    relay: Relay,
) -> None:
    relay.join("a", "e.5")
    relay.connect("e.5")
    for number in (6, 7, 9):
        relay.say("agent", f"e.{number}", n=number)
    relay.say("agent", type="agent.presence")
    assert relay.join("b", "e.6") == ["joined", "connected", "gateway", "e.7", "e.9"]
    assert relay.join("c", "e.9") == ["joined", "connected", "gateway"]
    assert relay.join("d", "e.12") == ["joined", "connected", "gateway"]
    assert relay.join("e", "e.4") == ["joined", "connected", "gateway", "reset"]
    assert relay.join("f", "other.7") == ["joined", "connected", "gateway", "reset"]
    assert relay.got("a") == ["connected", "gateway", "e.6", "e.7", "e.9", "agent"]
    assert len(relay.sources()) == 1


def test_a_newcomer_during_an_outage_is_told_when_it_began(relay: Relay) -> None:
    relay.join("a", "e.5")
    relay.connect("e.5")
    relay.say("agent", "e.6")
    relay.say("error")
    relay.page.clock.run_for(TURN)
    relay.say("error")
    relay.tell("b", "join", url="/api/sse", cursor="e.5")
    first, second = (relay.page.evaluate("got", tab) for tab in "ab")
    lost = [one for one in first if one["name"] == "lost"]
    assert [one["name"] for one in second] == ["joined", "lost", "agent"]
    assert [one for one in second if one["name"] == "lost"] == lost
    relay.connect("e.7")
    assert relay.got("b") == ["connected", "gateway"]


def test_what_is_kept_for_newcomers_has_a_bound(relay: Relay) -> None:
    relay.join("a", "e.0")
    relay.connect("e.0")
    relay.page.evaluate("for (let n = 1; n <= 2100; n += 1) say('agent', {}, `e.${n}`)")
    assert relay.join("b", "e.99")[-1] == "reset"
    assert relay.join("c", "e.100")[3:] == [f"e.{number}" for number in range(101, 2_101)]
    relay.say("agent", "e.2101", text="x" * 1_999_990)
    assert relay.join("d", "e.2099")[-1] == "reset"
    assert relay.join("e", "e.2100")[-1] == "reset"
    assert relay.join("f", "e.2101")[3:] == []


def test_after_a_reset_nobody_is_told_to_have_everything_until_an_event_came(
    relay: Relay,
) -> None:
    relay.join("a", "e.5")
    relay.connect("f.2")
    relay.say("reset")
    assert relay.join("b", "f.2")[-1] == "reset"
    relay.say("agent", "f.3")
    relay.say("agent", "f.4")
    assert relay.join("c", "f.2")[-1] == "reset"
    assert relay.join("d", "f.3")[3:] == ["f.4"]


def test_a_stream_that_the_server_refused_goes_on_where_it_was_when_a_tab_comes(
    relay: Relay,
) -> None:
    relay.join("a", "e.5")
    relay.connect("e.5")
    relay.say("agent", "e.6")
    relay.page.evaluate("sources.at(-1).close()")
    relay.say("error")
    assert relay.join("b", "e.5") == ["joined", "lost", "e.6"]
    assert relay.sources() == [("e.5", False), ("e.6", True)]
    relay.page.evaluate("sources.at(-1).close()")
    relay.say("error")
    relay.tell("b", "wake")
    assert relay.sources()[-1] == ("e.6", True)


def test_a_stream_whose_session_ended_rests_until_it_is_woken(relay: Relay) -> None:
    health = "**/api/health"
    relay.page.route(health, lambda route: route.fulfill(json={"status": "ok"}))
    relay.join("a", "e.5")
    relay.connect("e.5")
    relay.got("a")
    with relay.page.expect_response(health):
        relay.say("error")
    relay.page.wait_for_function("ports.a.got.at(-1)?.name === 'expired'")
    assert relay.got("a") == ["lost", "expired"]
    relay.page.clock.run_for(10 * TURN)
    relay.tell("a", "here")
    assert relay.sources() == [("e.5", False)]

    relay.join("b", "e.5")
    relay.connect("e.5")
    assert relay.got("b") == ["connected", "gateway"]
    assert relay.sources() == [("e.5", False), ("e.5", True)]


def test_a_silent_stream_is_opened_anew(relay: Relay) -> None:
    relay.join("a", "e.5")
    relay.connect("e.5")
    for _ in range(5):
        relay.page.clock.run_for(TURN)
        relay.tell("a", "here")
    assert relay.sources() == [("e.5", False), ("e.5", True)]
    assert "lost" in relay.got("a")


def test_a_tab_that_answers_no_question_is_let_go(relay: Relay) -> None:
    relay.join("a", "e.5")
    relay.join("b", "e.5")
    for _ in range(4):
        relay.page.clock.run_for(TURN)
        relay.tell("b", "here")
    assert relay.got("a") == ["there?", "there?", "there?", "dropped"]
    relay.connect("e.5")
    assert relay.got("a") == []
    assert relay.got("b")[-1] == "gateway"
    relay.tell("a", "wake")
    relay.tell("a", "leave")
    assert relay.sources() == [("e.5", True)]
    relay.page.clock.run_for(4 * TURN)
    assert relay.sources() == [("e.5", False)]
    assert relay.join("a", "e.5") == ["joined"]
    assert relay.sources()[-1] == ("e.5", True)
