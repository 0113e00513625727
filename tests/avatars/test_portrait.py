"""Portraits: the same for ever, each unlike all others, and safe to put into a page."""

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import pytest

from palais.avatars.portrait import PERSONAS, VERSION, portrait
from palais.store import seed
from tests.avatars.hashing import distance, fingerprint, raster

TEN = [(one.id, str(one.name), str(one.persona)) for one in seed.read(seed.DEFAULT)]
OTHERS = [(f"agent-{number}", f"Agent {number}", "") for number in range(1000)]
GOLDEN = {2: "6af2ec6394ffa485"}
NOISE = 80
"""Bits by which one portrait may differ from itself, painted at another size."""


def test_the_art_changes_only_together_with_its_version() -> None:
    everything = "".join(portrait(*one) for one in [*TEN, *OTHERS[:50]])

    digest = hashlib.sha256(everything.encode()).hexdigest()[:16]

    assert GOLDEN[VERSION] == digest, "raise VERSION, and note the new digest here"


def test_each_of_the_seed_is_drawn_by_hand() -> None:
    assert {(agent_id, name.casefold()) for agent_id, name, _ in TEN} == set(PERSONAS)


def test_a_namesake_of_the_seed_s_id_gets_a_face_of_its_own() -> None:
    assert portrait("builder", "Imhotep") != portrait("builder", "Bob")


def test_one_portrait_at_two_sizes_differs_by_less_than_two_agents_do() -> None:
    for one in [*TEN, *OTHERS[:20]]:
        svg = portrait(*one)
        assert distance(fingerprint(raster(svg, 64)), fingerprint(raster(svg, 192))) < NOISE


def test_no_two_of_a_thousand_agents_look_alike() -> None:
    prints = [fingerprint(raster(portrait(*one), 64)) for one in [*TEN, *OTHERS]]

    nearest = min(distance(one, other) for one, other in combinations(prints, 2))

    assert nearest > NOISE


@pytest.mark.parametrize("one", [*TEN, *OTHERS[:40]], ids=lambda one: one[0])
def test_a_portrait_brings_nothing_along(one: tuple[str, str, str]) -> None:
    svg = portrait(*one)
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(svg).iter()}

    assert tags <= {
        *("svg", "title", "defs", "path", "linearGradient", "radialGradient", "stop"),
        *("pattern", "clipPath"),
    }
    assert not re.search(r"href|style|script|\son\w+=", svg)
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {
        f"#{name}" for name in re.findall(r'id="([^"]*)"', svg)
    }


def test_no_portrait_is_larger_than_25_kilobytes() -> None:
    assert max(len(portrait(*one).encode()) for one in [*TEN, *OTHERS]) < 25_000


def test_two_portraits_in_one_page_share_no_id() -> None:
    ids = [set(re.findall(r'id="([^"]*)"', portrait(*one))) for one in [*TEN, *OTHERS[:40]]]

    assert all(ids)
    assert not any(one & other for one, other in combinations(ids, 2))


def test_a_hostile_name_stays_text() -> None:
    svg = portrait("x", "</title><script>alert(1)</script>\ud800&", "\x00")

    assert "<script" not in svg
    ElementTree.fromstring(svg.encode())
