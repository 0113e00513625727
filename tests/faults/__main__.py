"""Runs the fault tests: ``python -m tests.faults``."""

import sys

from tests.faults.plan import lanes
from tests.lanes import main

if __name__ == "__main__":
    sys.exit(main("Fault tests", lanes()))
