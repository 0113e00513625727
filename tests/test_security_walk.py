"""What docs/security.md says is shown by a test is shown by one that exists."""

import re

from palais.config import ROOT


def test_every_test_that_the_walk_names_exists() -> None:
    walk = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", walk)

    assert len(named) > 20
    assert [
        f"{path}::{name}"
        for path, name in named
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []
