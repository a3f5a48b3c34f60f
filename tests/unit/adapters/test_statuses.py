"""A vendor's codes mean what the tables say; what no table knows is unknown, counted, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from peyk.adapters.carriers._statuses import StatusTable
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.systems import UnknownCode
from peyk.errors import SettingsError

ROWS = {
    "DL": {"status": "delivered"},
    "DE": {"status": "delivery_failed", "reason": "consignee_not_home", "en": "Nobody was at home"},
}
PERSIAN = "\u062a\u062d\u0648\u06cc\u0644 \u0634\u062f"


class Counted:
    """Remembers what was counted."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str, str]] = []

    def count(self, system: str, code: str, words: str) -> None:
        self.codes.append((system, code, words))

    def all(self, limit: int = 100) -> list[UnknownCode]:
        return []


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_a_code_has_its_status_reason_and_words(counted: Counted) -> None:
    table = StatusTable("fedex", ROWS, counted)
    failed = table.meaning(" de ", "Customer not available")
    assert (failed.status, failed.reason) == (DeliveryStatus.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_NOT_HOME)
    assert failed.en == "Nobody was at home"
    assert failed.fa
    assert counted.codes == []


@pytest.mark.parametrize("words", [PERSIAN, "Delivered to neighbour", ""])
def test_the_vendors_own_words_stand_in_their_language(counted: Counted, words: str) -> None:
    meaning = StatusTable("fedex", ROWS, counted).meaning("DL", words)
    assert (meaning.fa == words) == (words == PERSIAN)
    assert (meaning.en == words) == (words == "Delivered to neighbour")
    assert meaning.fa
    assert meaning.en


def test_an_unknown_code_is_unknown_and_counted(counted: Counted) -> None:
    meaning = StatusTable("fedex", ROWS, counted).meaning("ZZ", "something new")
    assert (meaning.status, meaning.reason) == (DeliveryStatus.UNKNOWN, None)
    assert counted.codes == [("fedex", "ZZ", "something new")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"status": "lost"}, "status of X"),
        ({}, "status of X"),
        ({"status": "delivered", "reason": "magic"}, "reason of X"),
        ({"status": "delivered", "colour": "red"}, "colour"),
    ],
)
def test_a_table_with_a_mistake_is_refused_in_one_line(counted: Counted, row: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        StatusTable("fedex", {"X": row}, counted)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["- a\n- b", "DL: delivered", "DL: {status: [", None])
def test_a_shops_own_file_with_a_mistake_is_refused(tmp_path: Path, counted: Counted, content: str | None) -> None:
    own = tmp_path / "own.yml"
    if content is not None:
        own.write_text(content)
    (tmp_path / "somewhere.py").touch()
    with pytest.raises(SettingsError, match=r"own\.yml"):
        StatusTable("fedex", ROWS, counted).with_file(own)


def test_a_shops_own_file_adds_and_replaces(tmp_path: Path, counted: Counted) -> None:
    own = tmp_path / "own.yml"
    own.write_text("ZZ: {status: on_hold}\nDL: {status: ready_for_pickup}\n")
    table = StatusTable("fedex", ROWS, counted).with_file(own)
    assert table.meaning("ZZ").status is DeliveryStatus.ON_HOLD
    assert table.meaning("DL").status is DeliveryStatus.READY_FOR_PICKUP
    assert table.meaning("DE").status is DeliveryStatus.DELIVERY_FAILED
