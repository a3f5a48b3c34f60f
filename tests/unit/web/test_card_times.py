"""Open cards are looked up at moments of their own, and not while what they show is fresh."""

from __future__ import annotations

import pytest

from peyk.web.webchat.card_times import CardTimes


class Time:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_look_is_due_at_once() -> None:
    assert CardTimes(30.0, Time()).left_s() == 0


def test_those_that_looked_in_one_moment_look_again_at_moments_of_their_own() -> None:
    time = Time()
    cards = [CardTimes(30.0, time) for _ in range(500)]
    for card in cards:
        card.known()
    lefts = sorted(card.left_s() for card in cards)
    assert lefts[0] >= 15
    assert lefts[-1] <= 45
    busiest = max(sum(start <= left < start + 1 for left in lefts) for start in range(15, 45))
    assert busiest < 60, "a second has about seventeen of them"


@pytest.mark.parametrize("age_s", [0.0, 10.0])
def test_a_card_is_left_alone_while_it_is_fresh(age_s: float) -> None:
    time = Time()
    card = CardTimes(30.0, time)
    card.known(age_s)
    left_s = card.left_s()
    assert 15 - age_s <= left_s <= 45 - age_s
    time.now += left_s / 2
    assert card.left_s() > 0
    time.now += left_s
    assert card.left_s() == 0


def test_a_card_as_old_as_that_is_looked_up_at_once() -> None:
    card = CardTimes(30.0, Time())
    card.known(age_s=100.0)
    assert card.left_s() == 0
