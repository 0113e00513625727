"""Measure Palais beside its baselines: ``python -m bench [--quick] [--only NAME]``."""

import argparse
import dataclasses
import json
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from bench import janitor, machine, processes, table
from bench.arena import Arena
from bench.contestants import NCHAN, PERSISTENT, RAW, Contestant, present
from bench.effort import QUICK, WHOLE, Effort
from bench.errors import BenchError
from bench.measures import answers, calm, costs, deaf, ingest, memory, outage, peak
from bench.rows import Row
from palais.errors import PalaisError

Measure = Callable[[Arena, list[Contestant], Effort], list[Row]]

MEASURES: Final[dict[str, Measure]] = {
    "peak": peak.measure,
    "ingest": ingest.measure,
    "calm": calm.measure,
    "answers": answers.measure,
    "outage": outage.measure,
    "deaf": deaf.measure,
    "memory": memory.measure,
    "costs": costs.measure,
}
BUSY: Final = 0.3
"""Cores that others may keep busy before the figures come with a warning."""


def main() -> int:
    """Measure what was asked for, and print it; 1 where not all of it could be measured."""
    options = _options()
    if not sys.platform.startswith("linux"):
        print("The bench reads /proc and uses epoll: it runs on Linux only.", file=sys.stderr)
        return 1
    _prepare()
    try:
        with tempfile.TemporaryDirectory(prefix="palais-bench-", dir="/tmp") as name:
            janitor.hire(Path(name))
            return _run(Path(name), options)
    except (BenchError, PalaisError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        processes.end_family()


def _run(folder: Path, options: argparse.Namespace) -> int:
    folder.chmod(0o755)  # Postgres runs as nobody where we are root
    watch, began = machine.Watch(), time.monotonic()
    contestants, lines = present(PERSISTENT)
    lines += present((RAW, NCHAN))[1]
    rows: list[Row] = []
    code = 0
    with Arena(folder) as arena:
        for name in options.only or MEASURES:
            started = time.monotonic()
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            try:
                rows += MEASURES[name](arena, contestants, QUICK if options.quick else WHOLE)
            except BenchError as error:
                arena.dismiss()
                code = 1
                lines.append(f"{name}: not measured. {error}")
            except KeyboardInterrupt:
                code = 130
                lines.append(f"{name}: interrupted.")
                break
            print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
        others = watch.others()
    if rows:
        _print(rows, others, time.monotonic() - began)
    print("\n".join(lines))
    if options.json:
        Path(options.json).write_text(_json(rows, others))
    return code


def _print(rows: list[Row], others: float, seconds: float) -> None:
    print(table.ratios(rows))
    print(f"\nOn {machine.described()}, in {seconds:.0f} s.")
    print("An event is committed before anybody sees it, but for raw C and nchan, which keep none.")
    print("Each ratio is the median of those within one run; the runs of all servers take turns.\n")
    print("Absolute figures: the median, then each run")
    print(table.small_print(rows))
    if others > BUSY:
        print(
            f"\nNOISY: other programs kept {others:.1f} cores busy meanwhile. Run it again alone."
        )


def _json(rows: list[Row], others: float) -> str:
    kept = [
        {name: value for name, value in dataclasses.asdict(row).items() if name != "goal"}
        | {"goal": row.goal.text if row.goal else None}
        for row in rows
    ]
    facts = {"machine": machine.described(), "busy_others": round(others, 2), "rows": kept}
    return json.dumps(facts, indent=1, ensure_ascii=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each measure")
    parser.add_argument(
        "--only", action="append", choices=MEASURES, metavar="NAME", help=", ".join(MEASURES)
    )
    parser.add_argument("--json", metavar="FILE", help="write all figures into this file too")
    return parser.parse_args()


def _prepare() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    processes.adopt_orphans()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
