"""What a person would read that is written into a template, a script or a sheet itself."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from jinja2 import Environment, nodes

NAMES: Final = re.compile(r"\b(?:Palais|DEMO|OpenClaw|Gye Nyame|UTC)\b")
"""What is called so in every language."""

LETTER: Final = r"[^\W\d_]"
BEYOND_ASCII: Final = re.compile(r"(?![\x00-\x7f])[^\W\d_]")
TWO_WORDS: Final = re.compile(rf"{LETTER}{{2,}}[ \u00a0\u202f]{LETTER}{{2,}}")
ONE_WORD: Final = re.compile(rf"(?![a-z]){LETTER}[a-z]+")
MARKUP: Final = re.compile(r"[<>\[\](){};=#]|--|::")
READ_OUT: Final = {"title", "alt", "placeholder", "data-label", "aria-label", "aria-description"}
FOR_MACHINES: Final = {"script", "style", "code", "kbd", "samp"}
SAYING: Final = {"_", "gettext", "ngettext", "pgettext", "npgettext", "say", "url_for"}
HOLE: Final = "\ue000"


def readable(text: str) -> bool:
    """Whether there is a letter in it that belongs to no name and was not filled in."""
    return re.search(LETTER, NAMES.sub("", text.replace(HOLE, ""))) is not None


def phrase(text: str) -> bool:
    """Whether a string of a program reads like a phrase, not like a name or a selector."""
    text = NAMES.sub("", text)
    spoken = TWO_WORDS.search(text) and not MARKUP.search(text)
    return bool(spoken or BEYOND_ASCII.search(text))


class Reader(HTMLParser):
    """Collects the readable texts and attributes of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FOR_MACHINES:
            self._inside.append(tag)
        told = READ_OUT | ({"value"} if dict(attrs).get("type") in {"submit", "button"} else set())
        self.found += [value for name, value in attrs if name in told and readable(value or "")]  # type: ignore[misc]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and readable(data):
            self.found.append(" ".join(data.replace(HOLE, "…").split()))


def in_template(source: str, environment: Environment) -> list[str]:
    """Return the readable texts of a template that go past ``_()`` and ``say()``."""
    tree = environment.parse(source)
    reader = Reader()
    reader.feed("".join(_pieces(tree)))
    reader.close()
    return [*reader.found, *_constants(tree)]


def _pieces(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for child in node.nodes:
            yield child.data if isinstance(child, nodes.TemplateData) else HOLE
    else:
        for child in node.iter_child_nodes():
            yield from _pieces(child)


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and getattr(node.node, "name", None) in SAYING:
        return
    text = node.value if isinstance(node, nodes.Const) else None
    if isinstance(text, str) and (phrase(text) or ONE_WORD.match(NAMES.sub("", text))):
        yield text
    for child in node.iter_child_nodes():
        yield from _constants(child)


TOKEN: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/
    |(?<=[=(,:!&|?]\s)/(?![/*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/[a-z]*
    |(?<=[=(,:!])/(?![/*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/[a-z]*
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL | re.VERBOSE,
)
SHOWN: Final = re.compile(
    r"(?:\.(?:textContent|innerText|title|alt|placeholder|ariaLabel|ariaDescription)\s*=\s*"
    r"|setAttribute\(\s*\"(?:title|alt|placeholder|aria-label|aria-description|aria-valuetext)\",\s*|announce\(\s*\[?)$"
)


def in_script(source: str) -> list[str]:
    """Return the readable strings of a script; the messages of its errors are for its makers."""
    found = []
    for token in TOKEN.finditer(source):
        if token["text"] is None or source[: token.start()].endswith("Error("):
            continue
        text = re.sub(r"\$\{[^}]*\}", HOLE, token["text"][1:-1])
        text = re.sub(r"\\u([0-9a-f]{4})", lambda one: chr(int(one[1], 16)), text)
        shown = SHOWN.search(source, max(0, token.start() - 80), token.start())
        if phrase(text) or (shown and readable(text)):
            found.append(text)
    return found


def in_sheet(source: str) -> list[str]:
    """Return the readable strings that a style sheet adds to a page."""
    written = re.findall(r'content:\s*"([^"]*)"', source)
    texts = [re.sub(r"\\[0-9a-fA-F]{1,6}\s?", HOLE, text) for text in written]
    return [text for text in texts if readable(text)]


def offenders(root: Path, environment: Environment) -> dict[str, list[str]]:
    """Return by file what can be read and cannot be translated."""
    found = {}
    for path in sorted((*root.glob("templates/**/*.html"), *root.glob("static/**/*.*s"))):
        if path.suffix not in {".html", ".js", ".css"}:
            continue
        source = path.read_text(encoding="utf-8")
        match path.suffix:
            case ".html":
                texts = in_template(source, environment)
            case ".js":
                texts = in_script(source)
            case _:
                texts = in_sheet(source)
        if texts:
            found[str(path.relative_to(root))] = texts
    return found
