"""docs/who-wins.md is true: every row of its table is asked of the code, and nothing there is to say is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from peyk.domain.money import Money
from peyk.domain.orders import HoldReason, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking
from peyk.domain.situations import Situation
from peyk.services.assess import assess
from peyk.settings import Settings
from tests.unit.services.fakes import NOW, RULES, order, payment, tracking

PAGE = Path(__file__).resolve().parents[2] / "docs" / "who-wins.md"
DAY = timedelta(days=1)
REFUND = Refund(Money.rial(1_000_000), NOW - DAY, NOW + 3 * DAY)
ANY, NONE, NOTHING = "any", "–", "nothing"
# What a shop's word may have beside it, in the words of the page.
BESIDE: dict[str, dict[str, Any]] = {
    "refund under way": {"refund": REFUND},
    "refund done": {"refund": Refund(REFUND.amount, REFUND.started_at, REFUND.due_at, NOW)},
    "past the promised day": {"promised_at": NOW - 5 * DAY},
    "address incomplete": {"hold_reason": HoldReason.ADDRESS_INCOMPLETE},
}
PARCEL = re.compile(r"`(?P<status>\w+)`(?: for `(?P<reason>\w+)`)?(?:, silent for (?P<hours>\d+) hours)?")
CODE = re.compile(r"`(\w+)`")


def rows() -> list[list[str]]:
    section = PAGE.read_text(encoding="utf-8").partition("\n## The table\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


ROWS = rows()


def code(cell: str) -> str:
    found = CODE.fullmatch(cell)
    assert found, f"not a word in code: {cell}"
    return found[1]


def shop_says(cell: str) -> dict[str, Any]:
    word, *beside = cell.split(", ")
    said: dict[str, Any] = {"status": OrderStatus(code(word))}
    for each in beside:
        said |= BESIDE[each]
    return said


def parcel(text: str) -> Tracking | None:
    if text == NOTHING:
        return None
    found = PARCEL.fullmatch(text)
    assert found, f"not a parcel: {text}"
    reason = ExceptionReason(found["reason"]) if found["reason"] else None
    return tracking(DeliveryStatus(found["status"]), reason=reason, scan_age_h=float(found["hours"] or 5))


def carriers_say(cell: str) -> list[list[Tracking | None]]:
    """Return each possible answer of the carriers, one entry a parcel."""
    if cell == ANY:
        every: list[list[Tracking | None]] = [[tracking(status)] for status in DeliveryStatus]
        return [[], [None], *every]
    return [[] if cell == NONE else [parcel(each) for each in cell.split(" + ")]]


def payments(cell: str) -> list[Payment | None]:
    every = [payment(state=state) for state in PaymentState]
    if cell == ANY:
        return [None, *every]
    return [None if cell == NOTHING else payment(state=PaymentState(code(cell)))]


@pytest.mark.parametrize("row", ROWS, ids=[" / ".join(row[:3]) for row in ROWS])
def test_the_row_is_what_the_code_does(row: list[str]) -> None:
    shop, carrier, bank, told, why = row
    assert why
    for trackings in carriers_say(carrier):
        refs = tuple(ShipmentRef("post", f"TRK-{n}", NOW - 2 * DAY) for n in range(len(trackings)))
        for paid in payments(bank):
            said = assess(order(**shop_says(shop), shipments=refs), paid, trackings, NOW, RULES)
            assert said is Situation(code(told)), (trackings, paid)


def test_no_row_stands_twice() -> None:
    questions = [tuple(row[:3]) for row in ROWS]
    assert len(questions) == len(set(questions))


def words(column: int) -> set[str]:
    return {word for row in ROWS for word in CODE.findall(row[column])}


@pytest.mark.parametrize(
    ("column", "every"), [(0, OrderStatus), (1, DeliveryStatus), (2, PaymentState), (3, Situation)]
)
def test_nothing_there_is_to_say_is_missing(column: int, every: Iterable[str]) -> None:
    assert {str(each) for each in every} <= words(column)


def test_the_hours_of_the_table_are_silence_by_the_settings_too() -> None:
    assert timedelta(hours=Settings.model_fields["stalled_after_h"].default) == RULES.stalled_after
    assert timedelta(days=Settings.model_fields["lost_after_days"].default) == RULES.lost_after
