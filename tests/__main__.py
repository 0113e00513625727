"""Runs all tests but those of faults: ``python -m tests``.

Those of the real gateway mostly wait. Those that only compute have what the others leave of the
machine.
"""

import sys

from tests.lanes import Lane, main

SERVED = ("tests/browser", "tests/e2e")
"""Where tests wait for cockpits, browsers and gateways that they start."""

TWO = ("--numprocesses=2", "--dist=loadfile")
BROWSER = Lane("browser", [*SERVED, "-m", "not gateway", *TWO])
GATEWAY = Lane("gateway", ["tests/e2e", "-m", "gateway"])
PARTS = Lane("parts", [*TWO, *(f"--ignore={folder}" for folder in SERVED)], modest=True)

if __name__ == "__main__":
    sys.exit(main("Tests", [BROWSER, GATEWAY, PARTS]))
