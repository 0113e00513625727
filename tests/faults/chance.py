"""Random moments that can be had again: every failure says the seed, and a seed gives the run."""

import os
import secrets
import time
from random import Random

NAME = "PALAIS_FAULTS_SEED"
SEED = os.environ.get(NAME) or secrets.token_hex(4)
ROUNDS = int(os.environ.get("PALAIS_FAULTS_ROUNDS") or 20)
"""How often each fault is repeated."""


class Chance(Random):
    """The random numbers of one test; ``told`` is what a failure has to say about them."""

    def __init__(self, test: str) -> None:
        super().__init__(f"{SEED}/{test}")
        self.told = f"{NAME}={SEED}"
        self.round = 0

    def begin(self, number: int) -> None:
        """Note which round this is, for the message of a failure."""
        self.round = number
        self.told = f"{NAME}={SEED}, round {number + 1}"

    def wait(self, least: float, most: float) -> None:
        """Let a random moment pass: this is where a fault falls."""
        time.sleep(self.uniform(least, most))
