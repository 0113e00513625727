"""axe-core in a page: what of it somebody cannot use (WCAG 2.2 A and AA, and good practice)."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

WIDTHS = (1600, 1024, 390)
RUN = """async () => {
  const { violations } = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""


@cache
def source() -> str:
    """Return axe-core itself."""
    [path] = Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")
    return path.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds. It is evaluated: a script element the page's policy forbids."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(source())
    return page.evaluate(RUN)


def violations_at(page: Page, widths: Iterable[int] = WIDTHS) -> list[str]:
    """Return what axe-core finds at each of these widths, the last of which the page keeps."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {one}" for one in violations(page)]
    return found
