"""Price files: the one that Palais brings, and what is refused of an operator's."""

import json
from pathlib import Path
from typing import Any

import pytest

from palais.config import ROOT
from palais.domain.events import Usage
from palais.errors import ConfigError
from palais.store import prices

PRICE = {"input": 1, "output": 2}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.json"


def written(file: Path, models: object, **more: object) -> Path:
    file.write_text(json.dumps({"version": "mine", "models": models, **more}))
    return file


def test_the_table_that_palais_brings_is_one_and_each_of_its_prices_has_a_source() -> None:
    table = prices.read(prices.OWN)
    told = json.loads(prices.OWN.read_text())
    assert len(table.models) > 80
    assert {name.partition("/")[0] for name in told["models"]} == set(told["sources"])
    assert all(url.startswith("https://") for url in told["sources"].values())


def test_a_call_by_the_table_that_palais_brings() -> None:
    usage = Usage(1_000_000, 1_000_000, model="anthropic/claude-opus-4-6")
    priced = prices.load(None).of(usage)
    assert (priced.cost, priced.priced) == (30.0, prices.read(prices.OWN).version)


def test_the_operator_s_file_wins_model_by_model(file: Path) -> None:
    written(file, {"anthropic/claude-opus-4-6": PRICE})
    known = prices.load(file)
    usage = Usage(1_000_000, 0, model="anthropic/claude-opus-4-6")
    assert (known.of(usage).cost, known.of(usage).priced) == (1.0, "mine")
    other = Usage(1_000_000, 0, model="anthropic/claude-opus-4-7")
    assert known.of(other).priced == prices.read(prices.OWN).version


def test_all_that_the_docs_show_is_understood(file: Path) -> None:
    text = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    file.write_text(text.partition("```json\n")[2].partition("```")[0])
    table = prices.read(file)
    assert {"acme-large", "vllm/*", "openrouter/*"} <= table.models.keys()
    assert table.models["openrouter/*"] is None
    acme = table.models["acme/large"]
    assert acme is table.models["acme-large"]
    assert acme is not None
    assert (acme.limit, acme.until) == (200_000, 1_798_761_600_000)


BAD: list[tuple[Any, str]] = [
    ({"m": {"input": -1, "output": 2}}, 'm: "input" must be from 0'),
    ({"m": {"input": float("nan"), "output": 2}}, 'm: "input" must be a number'),
    ({"m": {"input": float("inf"), "output": 2}}, 'm: "input" must be a number'),
    ({"m": {"input": 10_001, "output": 2}}, "to 10,000 USD a million tokens"),
    ({"m": {"input": "1", "output": 2}}, "must be a number"),
    ({"m": {"input": True, "output": 2}}, "must be a number"),
    ({"m": {"input": 1}}, 'm must have "input" and "output"'),
    ({"m": {}}, 'm must have "input" and "output"'),
    ({"m": {**PRICE, "cache_read": 1}}, "and nothing else"),
    ({"m": 5}, "and nothing else"),
    ({"m": {**PRICE, "above": {"input": 1, "output": 2}}}, "whole number above 0"),
    ({"m": {**PRICE, "above": {"tokens": 5, "input": 1}}}, '"input" and "output"'),
    ({"m": {**PRICE, "above": 5}}, '"above" must have'),
    ({"m": {**PRICE, "until": "soon"}}, "must be a date"),
    ({"m": {**PRICE, "aliases": "m2"}}, "must be a list of names"),
    ({"m": {**PRICE, "aliases": ["n"]}, "n": PRICE}, "named twice"),
    ({"m\n": PRICE}, "no name of a model"),
    ([], "must be an object"),
]


@pytest.mark.parametrize(("models", "said"), BAD)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    file: Path, models: object, said: str
) -> None:
    with pytest.raises(ConfigError, match=r"docs/costs\.md") as refused:
        prices.load(written(file, models))
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("version", [None, "", 5, "x" * 41, "a\nb"])
def test_a_file_without_a_version_is_refused(file: Path, version: object) -> None:
    with pytest.raises(ConfigError, match="version"):
        prices.load(written(file, {}, version=version))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00"])
def test_what_is_no_json_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match="is not JSON"):
        prices.load(file)


def test_a_file_that_is_not_there_is_refused_with_a_remedy(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"PALAIS_PRICES.*cannot be read.*Correct the path"):
        prices.load(file)
