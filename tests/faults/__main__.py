"""Runs the fault tests: ``python -m tests.faults``."""

import sys

from tests.faults.plan import OPENCLAW, lanes
from tests.lanes import Lane, main

if __name__ == "__main__":
    sys.exit(main("Fault tests", [*lanes(), Lane("faults-openclaw", OPENCLAW)]))
