"""What the page costs a browser: ``python -m bench.page``.

Bytes and requests are what the network gave, as Chromium counts them (``encodedDataLength``, heads
included). Layout shift is the sum of ``layout-shift`` entries (Layout Instability API) while the
page loads; ``live`` is a load during a run, whose lines push those of the feed down. Long tasks
are those of more than 50 ms (Long Tasks API) while a stream made in the page brings 1,000 events a
second.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page

from bench import trace
from bench.cockpit import Stage, stage
from bench.errors import MissingError

PAGES: Final = ("/agents", "/agents/builder", "/activity")
WIDTHS: Final = (390, 1440)
RATES: Final = (0, 1000)
SECONDS: Final = 10
BUDGET: Final = 150 * 1024

OBSERVE: Final = """
window.shift = 0;
window.tasks = [];
window.frames = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.tasks.push(one.duration);
}).observe({ type: "longtask", buffered: true });
const count = (at) => { window.frames.push(at); requestAnimationFrame(count); };
requestAnimationFrame(count);
"""

# Stands in for the browser's own: every 10 ms it brings a hundredth of a second's events.
SYNTHETIC: Final = """
delete window.SharedWorker;
window.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  constructor(url) {
    super();
    const [epoch, head] = new URL(url, location).searchParams.get("lastEventId").split(".");
    let number = Number(head);
    const give = (name, data, id = "") => this.dispatchEvent(
      new MessageEvent(name, { data: JSON.stringify(data), lastEventId: id }));
    const agents = AGENTS;
    const statuses = ["busy", "idle", "busy", "error"];
    setTimeout(() => give("connected", { ts: Date.now(), epoch, head: number }));
    let owed = 0, last = performance.now();
    setInterval(() => {
      const now = performance.now();
      owed += RATE * (now - last) / 1000;
      for (last = now; owed >= 1; owed -= 1) {
        number += 1;
        const agentId = agents[number % agents.length];
        const started = number % 3 === 0;
        give("agent", started
          ? { type: "session.started", agentId, sessionId: `s${number}`, status: "running",
              task: `Tâche ${number}`, ts: Date.now() }
          : { type: "agent.status", agentId, status: statuses[number % 4], activity: "thinking",
              task: `Tâche ${number}`, activeSessions: 1, ts: Date.now() },
          `${epoch}.${number}`);
        window.given = (window.given ?? 0) + 1;
      }
    }, 10);
  }
  close() {}
};
"""
AGENTS: Final = [
    *("concierge", "builder", "writer", "artist", "tutor"),
    *("explorer", "marketer", "cfo", "maintainer", "messenger"),
]


@dataclass(frozen=True)
class Load:
    """What opening a page took."""

    requests: int
    bytes: int
    shift: float


@dataclass(frozen=True)
class Flood:
    """How a page took events: a second of them, frames, and the long tasks in milliseconds."""

    events: float
    frames: float
    tasks: list[float]


def opened(context: BrowserContext, path: str, wait: float) -> Load:
    """Open a page and count what it costs."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(path)
    page.locator('[data-stream="live"]').wait_for()
    _watch(page, wait)
    shift = float(page.evaluate("window.shift"))
    page.close()
    return Load(len(sizes), int(sum(sizes)), shift)


def flooded(context: BrowserContext, path: str, rate: int) -> Flood:
    """Let events come at this rate, and count what the page does with them."""
    page = context.new_page()
    page.add_init_script(SYNTHETIC.replace("AGENTS", json.dumps(AGENTS)).replace("RATE", str(rate)))
    page.goto(path)
    page.locator('[data-stream="live"]').wait_for()
    _watch(page, 2)
    page.evaluate("window.tasks = []; window.frames = []; window.given = 0")
    _watch(page, SECONDS)
    told: dict[str, Any] = page.evaluate("({ tasks, frames: frames.length, given: window.given })")
    page.close()
    return Flood(told["given"] / SECONDS, told["frames"] / SECONDS, told["tasks"])


def _watch(page: Page, seconds: float) -> None:
    page.wait_for_timeout(seconds * 1000)


def lines(stage: Stage) -> Iterator[str]:
    """Measure, and yield what there is to print."""
    yield "opening a page            requests   kB over the wire   layout shift"
    for path in PAGES:
        for width in WIDTHS:
            context = stage.enter(viewport={"width": width, "height": 900}, locale="fr-FR")
            context.add_init_script(OBSERVE)
            for name, wait in (("first", 3.0), ("again", 1.0), ("live", 6.0)):
                if name == "live":
                    stage.gateway.run_now("builder")
                if name == "first":  # logging in has filled the cache
                    page = context.new_page()
                    context.new_cdp_session(page).send("Network.clearBrowserCache")
                    page.close()
                load = opened(context, path, wait)
                over = "" if load.bytes <= BUDGET else "   over 150 kB"
                yield (
                    f"  {path:17} {width:4} {name}  {load.requests:6}   {load.bytes / 1024:16.1f}"
                    f"   {load.shift:12.4f}{over}"
                )
            context.close()
    yield ""
    yield from trace.lines(stage)
    yield ""
    yield f"events for {SECONDS} s         events/s   frames/s   tasks over 50 ms (longest, ms)"
    for path in ("/agents", "/activity"):
        for rate in RATES:
            context = stage.enter(viewport={"width": 1440, "height": 900}, locale="fr-FR")
            context.add_init_script(OBSERVE)
            flood = flooded(context, path, rate)
            longest = max(flood.tasks, default=0)
            yield (
                f"  {path:20}   {flood.events:8.0f}   {flood.frames:8.1f}"
                f"   {len(flood.tasks):4}  ({longest:.0f})"
            )
            context.close()


def main() -> int:
    """Print the figures."""
    started = time.monotonic()
    try:
        with stage(seed=7, speed=6) as scene:
            for line in lines(scene):
                print(line, flush=True)
    except MissingError as error:
        print(f"bench.page: {error}", file=sys.stderr)
        return 1
    print(f"\nmeasured in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
