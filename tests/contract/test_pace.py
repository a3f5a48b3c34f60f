"""A vendor's limits are kept before it has to remind us: in a process, and over processes with Redis."""

from __future__ import annotations

import secrets

import pytest

from peyk.adapters._pace import Pace
from peyk.errors import RateLimited, SettingsError


def test_one_in_a_window_and_then_the_wait() -> None:
    pace = Pace("dhl", "1/5 second; 250/day")
    pace.take()
    with pytest.raises(RateLimited) as caught:
        pace.take()
    assert caught.value.system == "dhl"
    assert caught.value.retry_after_s is not None
    assert 1 <= caught.value.retry_after_s <= 6


def test_no_limits_are_no_limits() -> None:
    pace = Pace("post", "")
    for _ in range(100):
        pace.take()


def test_a_used_up_day_tells_when_the_next_place_is_free() -> None:
    pace = Pace("dhl", "100/second; 2/day")
    pace.take()
    pace.take()
    with pytest.raises(RateLimited) as caught:
        pace.take()
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 80_000


@pytest.mark.parametrize("limits", ["often", "1 per moon", "-1/second"])
def test_limits_that_are_none_are_refused_in_one_line(limits: str) -> None:
    with pytest.raises(SettingsError, match="1/5 second"):
        Pace("dhl", limits)


def test_processes_share_one_count_in_redis(redis_url: str) -> None:
    system = f"dhl-{secrets.token_hex(6)}"
    first, second = (Pace(system, "1/minute", redis_url) for _ in range(2))
    first.take()
    with pytest.raises(RateLimited):
        second.take()


def test_without_redis_each_counts_for_itself() -> None:
    pace = Pace("dhl", "1/minute", "redis://127.0.0.1:1/0")
    pace.take()
    with pytest.raises(RateLimited):
        pace.take()
