"""The catalogues: complete, in step with the sources, and well written."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from flask import Flask

from palais.cli import extraction
from palais.config import LOCALES, ROOT
from palais.web.catalogue import CATALOGUES
from palais.web.phrases import PHRASES

NB, NNB = "\u00a0", "\u202f"

FAULTS = {
    "a straight apostrophe or quote": r"['\"]",
    "three dots instead of …": r"\.\.\.",
    "two spaces": r"\s\s",
    "a space at an end": r"^\s|\s$",
    "a number that may part from its unit": r"\{n\} ",
}
FRENCH_FAULTS = {
    **FAULTS,
    "no narrow space before ; ! ?": rf"(?<![{NNB};!?])[;!?]",
    "no unbreakable space before :": rf"(?<!{NB}):(?=\s|$)",
    "no narrow space inside « »": rf"«(?!{NNB})|(?<!{NNB})»",
    "English quotes": "[“”]",
    "a breakable space before a sign": r" (?:[$€:;!?»]|%(?!\())",
}
FRENCH = re.compile(
    r"\b(?:aucune?|avec|cette|dans|des|du|elle|est|et|une|les|leur|mais|ou|par|pas|pour|que|qui|"
    r"sans|ses|sont|sur|votre|vous|agent[es]s? de|depuis|jetons?|coût)\b|[àâçèéêëîïôùûœ]",
    re.IGNORECASE,
)


def messages(code: str) -> list[Message]:
    return list(extraction.messages((CATALOGUES / f"{code}.po").read_text(encoding="utf-8")))


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def sources() -> Iterator[str]:
    for _, message in extraction.said():
        yield from [message] if isinstance(message, str) else message


def test_every_language_but_that_of_the_sources_has_a_catalogue() -> None:
    assert {path.stem for path in CATALOGUES.iterdir()} == set(LOCALES) - {"en"}


def test_the_catalogue_has_what_the_pages_say_and_nothing_else() -> None:
    """`make words` brings it up to date; then translate what it lists."""
    there = {(one.context or "", one.id) for one in messages("fr")}

    assert there - extraction.said() == set()
    assert extraction.said() - there == set()


def test_nothing_lacks_a_translation_and_none_is_a_guess() -> None:
    bare = [one.id for one in messages("fr") if not extraction.translated(one) or one.fuzzy]

    assert bare == []


def test_every_translation_fills_in_what_the_source_does() -> None:
    for message in messages("fr"):
        asked = message.id if isinstance(message.id, str) else message.id[-1]
        given = [set(extraction.HOLE.findall(text)) for text in texts(message)]
        assert given[-1] == set(extraction.HOLE.findall(asked)), message.id
        assert all(one <= given[-1] for one in given), message.id


@pytest.mark.parametrize(("fault", "pattern"), FRENCH_FAULTS.items())
def test_french_is_set_as_french_is(fault: str, pattern: str) -> None:
    said = [text for message in messages("fr") for text in texts(message)]

    assert [text for text in said if re.search(pattern, text)] == [], fault


@pytest.mark.parametrize(("fault", "pattern"), FAULTS.items())
def test_english_is_set_with_care_too(fault: str, pattern: str) -> None:
    assert [text for text in sources() if re.search(pattern, text)] == [], fault


def test_the_sources_speak_no_french() -> None:
    assert [text for text in sources() if FRENCH.search(text)] == []


def test_what_is_said_by_key_is_in_the_table() -> None:
    """An unknown key says nothing, on the page as well: then a word would be missing there."""
    sources = [
        path.read_text(encoding="utf-8")
        for folder, files in (("templates", "*.html"), ("static/js", "*.js"), ("palais", "*.py"))
        for path in (ROOT / folder).rglob(files)
        if path.name != "shared.js"  # it speaks to the worker, not to a person
    ]
    asked = [what for one in sources for what in re.findall(r"\bsay\(([^,)]*)", one)]
    keys = {key for what in asked for key in re.findall(r"(?<!== )\"([\w.]*\w)\"(?!\s*~)", what)}

    assert len(keys) > 10
    assert keys - set(PHRASES) == set()


def test_every_key_names_one_phrase() -> None:
    source = (ROOT / "palais/web/phrases.py").read_text(encoding="utf-8")
    written = re.findall(r"\b(?:phrase|plural)\(\s*\"([\w.]+)\"", source)

    assert sorted(written) == sorted(PHRASES)


CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def test_the_command_keeps_what_is_translated_adds_what_is_new_and_drops_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {("", "Hello"), ("status.busy", "Working"), ("", ("One {n}", "Many {n}"))}
    monkeypatch.setattr(extraction, "said", lambda: said)
    path = tmp_path / "fr.po"
    path.write_text(
        CATALOGUE + '# Kept.\nmsgid "Hello"\nmsgstr "Bonjour"\n\nmsgid "Gone"\nmsgstr "Disparu"\n',
        encoding="utf-8",
    )

    path.write_text(extraction.updated(path), encoding="utf-8")

    text = path.read_text(encoding="utf-8")
    assert text.startswith(CATALOGUE)
    assert '# Kept.\nmsgid "Hello"\nmsgstr "Bonjour"\n' in text
    assert 'msgctxt "status.busy"\nmsgid "Working"\nmsgstr ""\n' in text
    assert 'msgid_plural "Many {n}"\nmsgstr[0] ""\nmsgstr[1] ""\n' in text
    assert "Gone" not in text
    assert extraction.updated(path) == text
    assert [extraction.translated(one) for one in extraction.messages(text)] == [True, False, False]


def test_the_command_finds_the_catalogue_in_step(app: Flask) -> None:
    before = (CATALOGUES / "fr.po").read_bytes()
    try:
        result = app.test_cli_runner().invoke(args=["words"])
        after = (CATALOGUES / "fr.po").read_bytes()
    finally:
        (CATALOGUES / "fr.po").write_bytes(before)

    assert (result.exit_code, result.output) == (0, "translations/fr.po: unchanged\n")
    assert after == before
