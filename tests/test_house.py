"""The rules of the house (CONTRIBUTING.md), kept by every file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from flask import Flask
from flask.cli import AppGroup

from palais.config import ROOT, Settings

LAYERS: Final = [
    {"errors", "version", "log", "addresses", "tally"},
    {"config"},
    {"domain"},
    {"gateway"},
    {"store", "gateway.transport", "gateway.inbox"},
    {"live", "gateway.connection", "demo"},
    {"gateway.conversation"},
    {"gateway.attempts"},
    {"gateway.listener"},
    {"avatars"},
    {"web"},
    {"runtime"},
    {"cli"},
    {""},  # palais itself: create_app
    {"cli.app"},  # where the flask command finds it
]
"""An import points to an earlier set, or stays within one member of a set."""

OUTSIDE: Final = {
    *("socket", "ssl", "select", "subprocess", "threading", "asyncio", "multiprocessing"),
    *("urllib", "http", "gevent", "flask", "sqlalchemy", "psycopg2", "websocket", "websockets"),
}
SHAPELESS: Final = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}
ENTRY_POINTS: Final = ["wsgi.py", "gunicorn.conf.py"]
FOLDERS: Final = ["palais", "migrations", "templates", "static", "tests", "bench"]
SUFFIXES: Final = {".py", ".js", ".css", ".html"}
FOREIGN: Final = {"node_modules", "vendor", "__pycache__"}

MODULES: Final = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "palais").rglob("*.py"))
}
SOURCES: Final = [
    *(ROOT / name for name in ENTRY_POINTS),
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in SUFFIXES and not FOREIGN & set(path.parts)
    ),
]


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """Yield the full names that a module imports; one of the house as the module it is in."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def place(module: str) -> tuple[int, str]:
    """Return a module's layer, and the member of it that the module belongs to."""
    name = module.removeprefix("palais").removeprefix(".")
    while True:
        for height, layer in enumerate(LAYERS):
            if name in layer:
                return height, name
        assert name, f"{module} is in no layer"
        name = name.rpartition(".")[0]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_point_down() -> None:
    def up(module: str, name: str) -> bool:
        (height, member), (other_height, other) = place(module), place(name)
        return other_height > height or (other_height == height and other != member)

    ours = [(module, name) for module in MODULES for name in imports(module) if name in MODULES]

    assert [pair for pair in ours if up(*pair)] == []


def test_no_module_needs_itself() -> None:
    graph = {name: {one for one in imports(name) if one in MODULES} for name in MODULES}

    while leaves := {name for name, needed in graph.items() if not needed & set(graph)}:
        graph = {name: needed for name, needed in graph.items() if name not in leaves}

    assert graph == {}


def test_the_core_knows_nothing_of_the_outside() -> None:
    core = [module for module in MODULES if place(module)[1] in {"domain", "gateway"}]
    used = {module: {name.partition(".")[0] for name in imports(module)} for module in core}

    assert len(core) > 10
    assert {module: names & OUTSIDE for module, names in used.items() if names & OUTSIDE} == {}


def test_the_art_of_portraits_is_pure() -> None:
    edges = {"fetch", "files", "image_model", "picture", "sheet", "studio"}
    art = [
        module
        for module in MODULES
        if place(module)[1] == "avatars" and module.rpartition(".")[2] not in edges
    ]
    inner = {"dataclasses", "collections", "typing", "math", "hashlib", "palais"}
    used = {module: {name.partition(".")[0] for name in imports(module)} for module in art}

    assert len(art) > 15
    assert {module: names - inner for module, names in used.items() if names - inner} == {}


def test_the_demo_is_only_started_by_the_runtime_and_by_its_command() -> None:
    users = {
        place(module)[1]
        for module in MODULES
        if any(name.startswith("palais.demo") for name in imports(module))
    }

    assert users == {"demo", "runtime", "cli"}


def test_the_demo_knows_the_protocol_by_itself() -> None:
    demo = [module for module in MODULES if place(module)[1] == "demo"]
    needed = {name for module in demo for name in imports(module) if name in MODULES}

    assert {place(name)[1] for name in needed} <= {"demo", "errors", "version"}


def test_only_the_transport_opens_a_websocket_as_a_client() -> None:
    used = {module: {name.partition(".")[0] for name in imports(module)} for module in MODULES}

    users = [module for module, names in used.items() if "websocket" in names]
    assert users == ["palais.gateway.transport"]


def functions(module: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef))


def test_every_import_is_at_the_top_of_its_file() -> None:
    inner = [
        f"{module}, line {node.lineno}"
        for module in MODULES
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inner == []


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert len(lengths) > 100
    assert {shown(path): length for path, length in lengths.items() if length > 300} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {
        f"{module}.{function.name}": function.end_lineno - function.lineno + 1
        for module in MODULES
        for function in functions(module)
        if function.end_lineno is not None
    }

    assert len(lengths) > 300
    assert {name: length for name, length in lengths.items() if length > 50} == {}


def test_every_file_has_a_name_that_says_what_is_in_it() -> None:
    assert [shown(path) for path in SOURCES if path.stem.strip("_") in SHAPELESS] == []
    assert [shown(path) for path in SOURCES if SHAPELESS & set(path.parts)] == []


class Asked(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, **variables: str) -> None:
        super().__init__(variables)
        self.names: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(key)
        return super().get(key, default)


def test_the_readme_s_table_has_every_variable_that_is_read_and_no_other(tmp_path: Path) -> None:
    environment = Asked(PALAIS_DATA_DIR=str(tmp_path))
    Settings.from_env(environment)
    read = {name for name in environment.names if not name.endswith("_FILE")}
    secrets = {name.removesuffix("_FILE") for name in environment.names - read}

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Configuration\n")[2].partition("\n## ")[0]
    table, _, words = section.rpartition("|\n")

    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table + "|", re.MULTILINE)) == read
    assert secrets <= set(re.findall(r"`([A-Z_]+)`", words))


def commands(group: click.Group, path: str = "flask") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_every_command_and_every_option_of_ours_has_help(app: Flask) -> None:
    group = app.cli
    assert isinstance(group, AppGroup)
    ours = {name: command for name, command in commands(group) if not name.startswith("flask db")}

    told = {name for name, command in ours.items() if command.get_short_help_str()}
    options = {
        f"{name} {parameter.opts[0]}": parameter.help
        for name, command in ours.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }

    assert told == set(ours) >= {"flask agents seed", "flask gateway check", "flask serve"}
    assert [option for option, words in options.items() if not words] == []
