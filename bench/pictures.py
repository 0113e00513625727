"""Photographs a demo court for the docs: ``python -m bench.pictures`` (``make screenshots``).

The moment is the same each time: three agents at work, one that waits for somebody, one that
failed, five at rest, and behind them a day and a month of costs, which are written here, since the
demo has none.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from bench.cockpit import ROOT, Stage, stage
from bench.errors import MissingError
from bench.example import PATH as TRACE
from bench.example import a_trace
from palais.store import embedded

FOLDER: Final = ROOT / "docs" / "img"
SEED: Final = 11
COLOURS: Final = 256
PATIENCE: Final = 60_000
WORKING: Final = ("builder", "writer", "concierge")
FAILING: Final = "explorer"
WAITING: Final = "cfo"
TASKS: Final = {
    "builder": "Dessine le plan de la salle du conseil, puis fais-le relire.",
    "writer": "Écris le communiqué de la fête des moissons.",
    "concierge": "Répartis les demandes arrivées cette nuit.",
    "cfo": "Relance les factures en retard, poliment.",
    "explorer": "Que disent les avis sur nos concurrents directs ?",
}
SAID: Final = (
    "Le dossier est complet ; deux pièces manquaient, elles sont jointes.",
    "Trois pistes, classées par effort. La première tient en une journée.",
    "Tout est en ordre : douze vérifications, aucune alerte.",
    "Le texte est relu, les chiffres sont recoupés avec la source.",
    "La réponse est partie, avec copie au conseil.",
)
LIKELY: Final = (
    *(0.05, 0.05, 0.1, 0.1, 0.2, 0.4, 0.8, 1.0, 0.9, 0.7, 0.5, 0.8),
    *(1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.2, 0.5, 0.8, 0.9),
)

_PAST: Final = text("""
    INSERT INTO agent_sessions
        (id, run_id, agent_id, status, started_at, ended_at, model, task, tokens, cost, summary)
    SELECT :id, :id, id, 'completed', now() - :start * interval '1 min',
           now() - :end * interval '1 min', model, 'Une heure de la veille', :tokens, :cost, :said
    FROM agents WHERE id = :agent
""")

_SPENT: Final = text("""
    INSERT INTO usage_hourly
        (hour, agent_id, model, provider, calls, tokens, tokens_in, tokens_out, cache_read,
         cache_write, cost, unpriced_calls, unpriced_tokens)
    SELECT date_trunc('hour', now(), 'UTC') - :ago * interval '1 hour', id, coalesce(model, ''),
           split_part(coalesce(model, ''), '/', 1), :calls, :tokens, :tokens / 4, :tokens / 20,
           :tokens - :tokens / 4 - :tokens / 20, 0, :cost, 0, 0
    FROM agents WHERE id = :agent
    ON CONFLICT DO NOTHING
""")


def a_month(data: Path) -> None:
    """Write what all agents spent in thirty-five days, hour by hour."""
    chance = random.Random(SEED)
    engine = create_engine(embedded.address(data))
    with engine.begin() as conn:
        agents = conn.execute(text("SELECT id FROM agents ORDER BY position")).scalars().all()
        for agent, zeal in [(agent, chance.uniform(0.1, 1.0)) for agent in agents]:
            for ago in range(1, 35 * 24):
                at = datetime.now(UTC) - timedelta(hours=ago)
                calls = round(
                    chance.random() * LIKELY[at.hour] * zeal * (2 if at.weekday() > 4 else 6)
                )
                tokens = calls * chance.randint(6_000, 30_000)
                spent = {
                    "calls": calls,
                    "tokens": tokens,
                    "cost": tokens * chance.uniform(1, 3) / 1e6,
                }
                if calls:
                    conn.execute(_SPENT, {"agent": agent, "ago": ago, **spent})
    engine.dispose()


def a_day(data: Path) -> None:
    """Write the last day's sessions of all agents."""
    chance = random.Random(SEED)
    engine = create_engine(embedded.address(data))
    with engine.begin() as conn:
        for agent in conn.execute(text("SELECT id FROM agents ORDER BY position")).scalars().all():
            zeal = chance.uniform(0.35, 1.0)
            for hour, likely in enumerate(LIKELY):
                if chance.random() > likely * zeal + 0.15:
                    continue
                length = chance.randint(6, 52)
                conn.execute(
                    _PAST,
                    {
                        "id": f"past-{agent}-{hour}",
                        "agent": agent,
                        "said": SAID[len(agent) % len(SAID)],
                        "start": (24 - hour) * 60 + 4,
                        "end": (24 - hour) * 60 + 4 - length,
                        "tokens": length * chance.randint(900, 2400),
                        "cost": length * chance.uniform(0.002, 0.02),
                    },
                )
    engine.dispose()


def a_moment(scene: Stage, page: Page) -> None:
    """Lead the court to the moment of the picture, and wait until the page shows it."""
    scene.gateway.run_now(FAILING, "failed", TASKS[FAILING])
    becomes(page, FAILING, "error")
    scene.gateway.run_now(WAITING, "approval", TASKS[WAITING])
    for agent in WORKING:
        scene.gateway.run_now(agent, "completed", TASKS[agent])
        becomes(page, agent, "busy")
    page.locator(f'.card[data-agent-id="{WAITING}"][data-activity="waiting"]').wait_for(
        timeout=PATIENCE
    )


def becomes(page: Page, agent: str, status: str) -> None:
    """Wait until the agent's card has this status."""
    page.locator(f'.card[data-agent-id="{agent}"][data-status="{status}"]').wait_for(
        timeout=PATIENCE
    )


def saved(page: Page, name: str) -> str:
    """Take the picture, with no more colours than it needs."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    few = picture.quantize(COLOURS // 2, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    seen = picture.quantize(palette=_palette(picture, few), dither=Image.Dither.FLOYDSTEINBERG)
    seen.save(path, optimize=True)
    return f"{path.relative_to(ROOT)}  {path.stat().st_size / 1024:.0f} kB"


def _palette(picture: Image.Image, few: Image.Image) -> Image.Image:
    """Return half a palette of the colours that are frequent, and half of those that differ."""
    often = picture.quantize(COLOURS // 2, Image.Quantize.MEDIANCUT).getpalette() or []
    apart = few.getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(often[: COLOURS // 2 * 3] + apart[: COLOURS // 2 * 3])
    return palette


def pictures(scene: Stage) -> Iterator[str]:
    """Take all pictures, and yield what was saved."""
    desk = {"viewport": {"width": 1440, "height": 1000}, "locale": "fr-FR"}
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "fr-FR", "device_scale_factor": 2}
    still = {"reduced_motion": "reduce", "timezone_id": "Africa/Kinshasa"}
    context, small = scene.enter(**desk, **still), scene.enter(**phone, **still)
    a_day(scene.data)
    a_month(scene.data)
    a_trace(scene.data)
    page, handheld = context.new_page(), small.new_page()
    page.goto("/agents")
    page.locator('[data-stream="live"]').wait_for()
    a_moment(scene, page)
    for one, name in ((page, "court"), (handheld, "court-phone")):
        one.goto("/agents")
        one.locator('[data-stream="live"]').wait_for()
        yield saved(one, name)
    for path, name in (("/agents/builder", "agent"), ("/activity", "activity")):
        page.goto(path)
        page.locator('[data-stream="live"]').wait_for()
        yield saved(page, name)
    page.goto(TRACE)
    page.locator("[data-panel]:not([aria-busy])").wait_for()
    yield saved(page, "trace")
    stranger = scene.browser.new_context(base_url=scene.url, **desk, **still).new_page()
    stranger.goto("/login")
    if stranger.locator("input[type=password]").count():
        yield saved(stranger, "login")


def main() -> int:
    """Save the pictures, and say which."""
    started = time.monotonic()
    try:
        with stage(seed=SEED, speed=1) as scene:
            for line in pictures(scene):
                print(line, flush=True)
    except MissingError as error:
        print(f"bench.pictures: {error}", file=sys.stderr)
        return 1
    print(f"taken in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
