"""No word on a page goes past the catalogues."""

import pytest
from flask import Flask

from palais.config import ROOT
from tests.web.visible import in_script, in_sheet, in_template, offenders


def test_every_visible_word_can_be_translated(app: Flask) -> None:
    assert offenders(ROOT, app.jinja_env) == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>La cour</p>", ["La cour"]),
        ('<p>{{ _("The court") }} · {{ agent.name }} — 30 %</p>', []),
        ("<p>{{ agent.name }} vu</p>", ["… vu"]),
        ('<p{% if a %} hidden{% endif %} title="Vu">{{ a }}</p>', ["Vu"]),
        ('<p class="card wide" title="{{ _("Seen") }}">{{ a }}</p>', []),
        ('<i aria-label="{{ a }} j"></i>', ["\ue000 j"]),
        ("{% set title = 'Activité' %}", ["Activité"]),
        ("{{ title|default('Activity') }}", ["Activity"]),
        ("{% for k, w in (('busy', 'au travail'),) %}{{ w }}{% endfor %}", ["au travail"]),
        ("{% trans %}The court{% endtrans %}", []),
        ("<code>flask agents seed</code><h1>Palais</h1>", []),
        ("<script>let word;</script>", []),
        ("{{ ngettext('%(num)s Agent', '%(num)s Agents', n) }}{{ say('Status x') }}", []),
        ("{# The court #}{% include '_csrf.html' ignore missing %}", []),
        ('<input type="submit" value="Send"><input type="hidden" value="Send">', ["Send"]),
    ],
)
def test_words_are_found_in_templates(app: Flask, source: str, found: list[str]) -> None:
    assert in_template(source, app.jinja_env) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('node.textContent = "Vu";', ["Vu"]),
        ('node.setAttribute("aria-label", "Vu");', ["Vu"]),
        ("node.title = `${name} vu`;", ["\ue000 vu"]),
        ('announce(["Fini"]);', ["Fini"]),
        ('const word = "échoué";', ["échoué"]),
        ('const word = "\\u00e9chou\\u00e9";', ["échoué"]),
        ('const word = "has failed";', ["has failed"]),
        ('say("status.busy"); node.dataset.word = "Enter"; // has failed, échoué', []),
        ("document.querySelector('[data-block=\"links\"] time');", []),
        ('const PATH = /^[^"]*$/; node.textContent = say("a"); x = "b";', []),
        ("throw new Error(`the page answered ${status}`);", []),
    ],
)
def test_words_are_found_in_scripts(source: str, found: list[str]) -> None:
    assert in_script(source) == found


def test_words_are_found_in_sheets() -> None:
    assert in_sheet('a::after { content: "vu"; } b::after { content: "\\00a0"; }') == ["vu"]
