"""Nobody is asked at night whether it helped, or when they have long forgotten it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from peyk.domain.follow_up import by_day, next_day_time, too_late

TEHRAN = ZoneInfo("Asia/Tehran")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (at(21, 9), at(21, 9)),
        (at(21, 20, 59), at(21, 20, 59)),
        (at(21, 21), at(22, 9)),
        (at(21, 3), at(21, 9)),
        (at(30, 23), datetime(2026, 12, 1, 9, tzinfo=TEHRAN)),
    ],
)
def test_by_day_only(moment: datetime, asked: datetime) -> None:
    assert next_day_time(moment, TEHRAN) == asked
    assert by_day(moment, TEHRAN) is (moment == asked)


def test_after_three_days_it_is_too_late() -> None:
    assert not too_late(at(21, 12), at(24, 11, 59))
    assert too_late(at(21, 12), at(21, 12) + timedelta(hours=72))
