from dataclasses import dataclass, field
from typing import Any

import pytest

from palais.gateway import refusals
from palais.store.views import GatewayView
from palais.web import words
from palais.web.catalogue import language

Data = dict[str, Any]
FR, EN = language("fr"), language("en")


@dataclass
class Row:
    data: Data = field(default_factory=dict)


def event(kind: str, **fields: Any) -> Data:
    return {"type": kind, "agentId": "builder", "ts": 1, **fields}


def tool(kind: str, **fields: Any) -> Data:
    return event(kind, span={"id": "s", "type": "tool_call", "name": "exec", **fields})


def test_every_status_has_its_word() -> None:
    said = [words.status_word(FR, status) for status in ("idle", "busy", "error", "offline")]
    assert said == ["En veille", "Au travail", "En erreur", "Hors ligne"]


def test_every_end_of_a_session_has_its_word() -> None:
    for status in ("running", "completed", "failed", "timeout", "aborted", "lost"):
        assert words.session_word(FR, status) != status


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        (None, ""),
        ("thinking", "réfléchit"),
        ("typing", "écrit"),
        ("tool:exec", "outil exec"),
        ("tool:{evil}", "outil {evil}"),
        ("retrying", "nouvelle tentative"),
        ("waiting", "attend votre accord"),
        ("dreaming", "dreaming"),
    ],
)
def test_what_a_busy_agent_does_is_said_in_words(activity: str | None, said: str) -> None:
    assert words.activity_word(FR, activity) == said


def warning(threshold: int, period: str = "day", **fields: Any) -> Data:
    told = {"threshold": threshold, "period": period, "spent": 12.04, "amount": 10, **fields}
    return {"type": "budget.warning", "scope": "*", "ts": 1, **told}


@pytest.mark.parametrize(
    ("data", "said", "about", "tone"),
    [
        (
            warning(100),
            "La flotte a dépassé le budget du jour",
            "12,04\u00a0$ sur 10,00\u00a0$",
            "bad",
        ),
        (
            warning(80, "month", unpricedCalls=2),
            "La flotte a dépensé 80\u00a0% du budget du mois",
            "12,04\u00a0$ sur 10,00\u00a0$ · 2\u00a0appels sans prix connu",
            "warn",
        ),
        (
            warning(50, agentId="builder"),
            "a dépensé 50\u00a0% du budget du jour",
            "12,04\u00a0$ sur 10,00\u00a0$",
            "warn",
        ),
        (
            warning(100, "month", agentId="builder", unpricedCalls=1),
            "a dépassé le budget du mois",
            "12,04\u00a0$ sur 10,00\u00a0$ · 1\u00a0appel sans prix connu",
            "bad",
        ),
        (warning(100, "century"), "fait signe", "12,04\u00a0$ sur 10,00\u00a0$", "bad"),
    ],
)
def test_a_budget_s_warning_says_whose_it_is_and_how_much_is_spent(
    data: Data, said: str, about: str, tone: str
) -> None:
    assert words.in_feed(data)
    assert words.action_word(FR, data) == said
    assert words.entity(FR, data) == about
    assert words.tone(data) == tone


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (event("session.started"), "commence"),
        (event("session.completed", status="completed"), "a terminé"),
        (event("session.completed", status="failed"), "a échoué"),
        (event("session.completed", status="lost"), "a été perdu de vue"),
        (event("agent.status", status="idle"), "revient en veille"),
        (event("agent.status", status="busy", activity="waiting"), "attend votre accord"),
        (event("agent.registered", status="idle"), "se présente à la cour"),
        (event("agent.registered", status="idle", edited=True), "a une nouvelle présentation"),
        (tool("span.started"), "utilise l’outil"),
        (tool("span.completed", status="error"), "échoue avec l’outil"),
        (event("gap"), "non observé"),
        (event("of.another.age"), "fait signe"),
    ],
)
def test_an_event_is_a_verb_after_the_agents_name(data: Data, said: str) -> None:
    assert words.action_word(FR, data) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (event("session.started", task="Relire"), "Relire"),
        (event("session.completed", summary="Fini", error="429"), "429"),
        (event("session.completed", summary=None), ""),
        (tool("span.started", title="ls -la"), "exec — ls -la"),
        (tool("span.started", title="Exec ls -la"), "Exec ls -la"),
        (tool("span.started"), "exec"),
        (event("agent.registered", persona="Scribe"), "Scribe"),
        (event("gap", reason="palais"), "Palais à l’arrêt"),
        (event("gap", reason="éclipse"), "éclipse"),
        (event("span.started", span="not a span"), ""),
    ],
)
def test_an_event_is_about_something_in_the_agents_own_words(data: Data, said: str) -> None:
    assert words.entity(FR, data) == said


@pytest.mark.parametrize(
    ("data", "tone"),
    [
        (event("session.started"), "start"),
        (event("session.completed", status="completed"), "good"),
        (event("session.completed", status="timeout"), "bad"),
        (event("session.completed", status="aborted"), "warn"),
        (event("agent.status", status="error"), "bad"),
        (event("agent.status", status="busy", activity="retrying"), "warn"),
        (event("agent.status", status="idle"), "quiet"),
        (tool("span.completed", error="exit 2"), "bad"),
        (event("gap"), "gap"),
    ],
)
def test_what_needs_a_person_weighs_more_on_the_eye(data: Data, tone: str) -> None:
    assert words.tone(data) == tone


@pytest.mark.parametrize(
    ("data", "news"),
    [
        (event("agent.presence"), False),
        (event("session.updated"), False),
        (event("agent.status", status="busy", sessionId="s"), False),
        (event("agent.status", status="busy"), True),
        (event("agent.status", status="busy", sessionId="s", activity="waiting"), True),
        (event("agent.status", status="idle"), True),
        (tool("span.started"), True),
        (event("span.started", span={"type": "llm_call"}), False),
        (tool("span.completed", status="ok"), False),
        (tool("span.completed", status="error"), True),
        (event("span.completed", span={"type": "llm_call", "status": "error"}), False),
        (tool("span.started") | {"again": True}, False),
        (tool("span.completed", status="error") | {"again": True}, False),
        (event("gap"), True),
        ({}, False),
    ],
)
def test_the_feed_holds_news_and_no_noise(data: Data, news: bool) -> None:
    assert words.in_feed(data) is news


def test_a_status_that_the_end_of_a_session_implies_goes_without_saying() -> None:
    end = Row(event("session.completed", status="completed", ts=7))
    implied = Row(event("agent.status", status="idle", ts=7))
    later = Row(event("agent.status", status="idle", ts=8))
    of_another = Row({**event("agent.status", status="idle", ts=7), "agentId": "writer"})
    assert words.feed([of_another, later, implied, end]) == [of_another, later, end]


def test_the_same_event_is_said_in_the_language_of_the_reader() -> None:
    begun, gap = tool("span.started", name="exec"), event("gap", reason="palais")
    assert words.status_word(EN, "busy") == "Working"
    assert words.activity_word(EN, "tool:exec") == "using exec"
    assert [words.action_word(one, begun) for one in (FR, EN)] == [
        "utilise l’outil",
        "uses the tool",
    ]
    assert words.entity(EN, gap) == "Palais not running"


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "0\u00a0agent", "0\u00a0agents"),
        (1, "1\u00a0agent", "1\u00a0agent"),
        (2, "2\u00a0agents", "2\u00a0agents"),
    ],
)
def test_what_is_counted_has_the_plural_of_its_language(
    number: int, french: str, english: str
) -> None:
    assert FR.say("agents", n=number) == french
    assert EN.say("agents", n=number) == english


def test_a_script_gets_a_form_for_each_plural_of_the_language() -> None:
    assert FR.forms["agents"] == {"one": "{n}\u00a0agent", "other": "{n}\u00a0agents"}
    assert FR.forms["status.busy"] == "Au travail"


def test_an_unknown_key_says_nothing() -> None:
    assert EN.say("of.another.age", n=3) == ""


def out_of_sight(code: str | None, reason: str | None) -> GatewayView:
    return GatewayView("refused", None, reason, code, *(None,) * 5)


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("PAIRING_REQUIRED", "L’appareil de Palais attend d’être approuvé."),
        ("AUTH_TOKEN_MISMATCH", "Le jeton n’est pas celui de la passerelle."),
        ("AUTH_OF_ANOTHER_AGE", "La passerelle n’accepte pas les identifiants de Palais."),
        ("DEVICE_REVOKED", "La passerelle n’accepte pas l’appareil de Palais."),
        ("UNREACHABLE", "Personne ne répond à son adresse."),
        ("OF_ANOTHER_AGE", "It is the wrong planet."),
        (None, "It is the wrong planet."),
    ],
)
def test_a_reason_is_said_by_its_code_else_as_it_came(code: str | None, begins: str) -> None:
    said = words.why(FR, out_of_sight(code, "It is the wrong planet."))
    assert said.startswith(begins)


def test_no_reason_is_nothing() -> None:
    assert words.why(EN, out_of_sight(None, None)) == ""


@pytest.mark.parametrize("code", [*refusals.REMEDIES, "PAIRING_REQUIRED", "NOT_PAIRED", "AUTH_X"])
def test_what_ends_in_a_colon_is_followed_by_a_command_and_nothing_else_is(code: str) -> None:
    error = {"code": code, "message": "no", "details": {"code": code}}
    refused = refusals.refusal(error, "device")
    assert isinstance(refused, refusals.RefusedError)
    for spoken in (FR, EN):
        said = words.why(spoken, out_of_sight(code, "raw"))
        assert said != "raw"
        assert said.endswith(":") is (refused.command is not None)
