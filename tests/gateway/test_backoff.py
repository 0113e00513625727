"""How long the listener waits before it tries again."""

from itertools import islice, pairwise
from random import Random

import pytest

from palais.gateway.backoff import CEILING, delays


class Fixed(Random):
    """A source of randomness that is none."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def first(count: int, random: Random) -> list[float]:
    return list(islice(delays(random), count))


def test_waits_double_from_one_second_to_the_ceiling_and_stay_there() -> None:
    longest = 1 - 2**-53
    assert first(7, Fixed(longest)) == pytest.approx([1, 2, 4, 8, 15, 15, 15])


def test_chance_takes_off_at_most_a_half() -> None:
    assert first(7, Fixed(0.0)) == [0.5, 1, 2, 4, 7.5, 7.5, 7.5]


@pytest.mark.parametrize("seed", range(20))
def test_no_wait_is_longer_than_the_ceiling_or_hammers_the_gateway(seed: int) -> None:
    waits = first(200, Random(seed))
    assert max(waits) <= CEILING == 15
    assert min(waits) >= 0.5
    assert min(waits[4:]) >= 7.5


def test_two_listeners_do_not_come_back_in_step() -> None:
    one, other = first(20, Random(1)), first(20, Random(2))
    assert all(mine != theirs for mine, theirs in zip(one, other, strict=True))
    assert all(before != after for before, after in pairwise(one))
