"""Runs all tests there are, those of faults included: ``python -m tests``.

First the browsers, then the faults. Beside both are the tests of the real gateway, which has much
to wait for, and those that only compute: they have whatever the others leave of the machine.
"""

import sys

from tests.faults.plan import OPENCLAW, lanes
from tests.lanes import Lane, main

SERVED = ("tests/browser", "tests/e2e")
"""Where tests wait for cockpits, browsers and gateways that they start."""

TWO = ("--numprocesses=2", "--dist=loadfile")
BROWSER = Lane("browser", [*SERVED, "-m", "not gateway", *TWO])
GATEWAY = Lane("gateway", ["tests/e2e", *OPENCLAW, "-m", "gateway"])
PARTS = Lane("parts", [*TWO, *(f"--ignore={folder}" for folder in SERVED)], modest=True)

if __name__ == "__main__":
    sys.exit(main("All tests", [BROWSER], lanes(), beside=[GATEWAY, PARTS]))
