"""What a session of 10,000 steps costs a browser; a part of ``python -m bench.page``.

``first row`` is the first contentful paint of the page (Paint Timing), whose rows are the server's;
``taken over`` is when the script has all steps and draws them; ``search`` is from the last key to
the step in view; all in milliseconds. ``rows`` is how many of them are elements of the page.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import create_engine, text

from bench.cockpit import Stage
from palais.store import embedded

WIDTHS: Final = (390, 1440)
SESSION: Final = "ten-thousand"
PATH: Final = f"/agents/builder/traces/{SESSION}"
WORDS: Final = "stone 9876"

RUN: Final = text("""
    INSERT INTO agent_sessions (id, run_id, agent_id, status, started_at, ended_at)
    VALUES (:id, :id, 'builder', 'completed', now() - interval '3 hours', now())
""")
STEPS: Final = text("""
    INSERT INTO agent_spans (session_id, id, parent_id, type, name, title, status,
                             started_at, ended_at, tokens_in, cost, input)
    SELECT :id, 's' || n, CASE WHEN n % 10 > 0 THEN 's' || (n - n % 10) END,
           CASE WHEN n % 10 > 0 THEN 'tool_call' ELSE 'llm_call' END, 'exec', 'stone ' || n,
           CASE WHEN n % 500 = 499 THEN 'error' ELSE 'ok' END,
           now() - interval '3 hours' + n * interval '1 second',
           now() - interval '3 hours' + (n + 1) * interval '1 second',
           CASE WHEN n % 10 = 0 THEN 1200 END, CASE WHEN n % 10 = 0 THEN 0.004 END,
           repeat('a word of its input ', 50)
    FROM generate_series(0, 9999) AS n
""")

TAKEN: Final = """
new MutationObserver((_, watch) => {
  if (!document.querySelector("[data-steps][data-ready]")) return;
  window.taken = performance.now();
  watch.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
TOLD: Final = """() => ({
  first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  taken: window.taken,
  rows: document.querySelectorAll("[data-step-rows] > .step").length,
})"""
FOUND: Final = """async (words) => {
  const field = document.querySelector("[data-search]");
  field.value = words;
  const from = performance.now();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  while (!document.querySelector('.step[aria-selected="true"]')) {
    await new Promise((next) => setTimeout(next, 1));
  }
  return performance.now() - from;
}"""


def lines(stage: Stage) -> Iterator[str]:
    """Put the steps on record, open their page, and yield what there is to print."""
    _record(stage)
    yield "10,000 steps, ms     width   first row   taken over   search   rows"
    for width in WIDTHS:
        context = stage.enter(viewport={"width": width, "height": 900}, locale="fr-FR")
        context.add_init_script(TAKEN)
        for name in ("first", "again"):
            page = context.new_page()
            page.goto(PATH)
            page.locator("[data-steps][data-ready]").wait_for()
            told: dict[str, Any] = page.evaluate(TOLD)
            search = page.evaluate(FOUND, WORDS)
            page.close()
            yield (
                f"  {name:17} {width:6}   {told['first']:9.0f}   {told['taken']:10.0f}"
                f"   {search:6.0f}   {told['rows']:4}"
            )
        context.close()


def _record(stage: Stage) -> None:
    with embedded.join(stage.data) as postgres:
        engine = create_engine(postgres.url)
        with engine.begin() as conn:
            conn.execute(RUN, {"id": SESSION})
            conn.execute(STEPS, {"id": SESSION})
        engine.dispose()
