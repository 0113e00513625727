"""axe-core in a page: what of it somebody cannot use (WCAG 2.2 A and AA, and good practice)."""

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

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
    page.evaluate(source())
    return page.evaluate(RUN)
