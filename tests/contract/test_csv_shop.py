"""A folder of exported orders: the suites of feeds and of sources, and everything spreadsheets do to a file."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from peyk.adapters.orders._rows import RowRules, read_mapping
from peyk.adapters.orders.csv import PLUGIN, CsvFeed, CsvSettings
from peyk.adapters.orders.csv.adapter import arrived
from peyk.adapters.orders.csv.mapping import CsvMapping
from peyk.domain.orders import OrderStatus
from peyk.errors import BadAnswer, SettingsError, Unavailable
from peyk.ports import OrderSource
from tests.contract.shop_subjects import Unknown, indexed, parts

# The suites of the ports, run on this module's subject.
from tests.contract.test_orders import (  # noqa: F401
    ORDERS,
    test_a_mobile_without_orders_has_none,
    test_an_order_by_its_exact_number,
    test_an_order_by_its_tracking_code,
    test_any_other_number_is_not_found,
    test_orders_by_the_end_of_their_number,
    test_the_end_of_numbers_is_limited,
    test_the_newest_orders_of_a_mobile_first,
)
from tests.contract.test_shop_feeds import (  # noqa: F401
    ids,
    passed,
    test_a_pass_meets_every_order,
    test_an_empty_shop_is_one_empty_pass,
    test_an_order_is_whole,
    test_only_what_changed_since,
    test_orders_placed_during_a_pass_push_none_out,
    test_what_is_not_there_is_not_found,
)
from tests.unit.services.fakes import MOBILE, NOW, FakeClock

HEADERS = {
    "number": "\u0634\u0645\u0627\u0631\u0647 \u0633\u0641\u0627\u0631\u0634",
    "mobile": "\u0645\u0648\u0628\u0627\u06cc\u0644",
    "status": "\u0648\u0636\u0639\u06cc\u062a",
    "placed_at": "\u062a\u0627\u0631\u06cc\u062e",
    "total": "\u0645\u0628\u0644\u063a \u06a9\u0644",
    "title": "\u06a9\u0627\u0644\u0627",
    "tracking_code": "\u06a9\u062f \u0631\u0647\u06af\u06cc\u0631\u06cc",
}
SENT = "\u0627\u0631\u0633\u0627\u0644 \u0634\u062f"
MAPPING: dict[str, Any] = {"money": "toman", "carrier": "post", "columns": HEADERS, "statuses": {SENT: "shipped"}}
ROW = {
    "number": "TS-1",
    "mobile": MOBILE,
    "status": SENT,
    "placed_at": "1405/08/30 12:00",
    "total": "1250000",
    "title": "\u06a9\u062a\u0627\u0628",
    "tracking_code": "",
}


def written(rows: list[dict[str, str]], delimiter: str = ",", names: list[str] | None = None) -> str:
    names = names or list(HEADERS)
    stream = io.StringIO()
    table = csv.writer(stream, delimiter=delimiter)
    table.writerow([HEADERS[name] for name in names])
    table.writerows([[row[name] for name in names] for row in rows])
    return stream.getvalue()


def feed_of(folder: Path, mapping: dict[str, Any] | None = None, **changes: Any) -> CsvFeed:
    file = folder / "mapping.yml"
    file.write_text(yaml.safe_dump(mapping or MAPPING, allow_unicode=True), encoding="utf-8")
    found = read_mapping(CsvMapping, file)
    return CsvFeed(folder, found, RowRules.of("csv", found, Unknown()), 10, **changes)


@dataclass
class Exports:
    """A shop that exports a file an order; the time a file came is the one it is said to have."""

    folder: Path
    clock: FakeClock
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    remove: None = None
    page_size: int = 10

    @property
    def feed(self) -> CsvFeed:
        return feed_of(self.folder, arrived=lambda path: datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def place(self, mobile: str, at: datetime, number: str = "") -> str:
        key = number or f"TS-{secrets.token_hex(5)}"
        self.rows[key] = {**ROW, "number": key, "mobile": mobile, "placed_at": at.isoformat()}
        self.write(key, at)
        return key

    def ship(self, source_id: str, code: str) -> None:
        self.rows[source_id]["tracking_code"] = code
        self.touch(source_id)

    def touch(self, source_id: str) -> None:
        self.write(source_id, self.clock.now())

    def number(self, source_id: str) -> str:
        return source_id

    def write(self, key: str, at: datetime) -> None:
        path = self.folder / f"{key}.csv"
        path.write_text(written([self.rows[key]]), encoding="utf-8")
        os.utime(path, (at.timestamp(), at.timestamp()))


@pytest.fixture
def subject(tmp_path: Path) -> Exports:
    return Exports(tmp_path, FakeClock())


@pytest.fixture
def source(subject: Exports, engine_of: Callable[[str], Engine]) -> OrderSource:
    for number, (mobile, at, code) in ORDERS.items():
        source_id = subject.place(mobile, at, number)
        if code:
            subject.ship(source_id, code)
    made = indexed(subject, engine_of("sqlite"))  # type: ignore[arg-type]
    made.sync.turn(NOW)
    return made.orders


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1256", "utf-16"])
def test_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    # cp1256 has the Arabic letters alone.
    text = written([ROW], delimiter)
    if encoding == "cp1256":
        text = text.replace("\u06cc", "\u064a").replace("\u06a9", "\u0643")
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    found = feed_of(tmp_path).one("TS-1").order
    assert (found.mobile, found.status, found.total.amount) == (MOBILE, OrderStatus.SHIPPED, 12_500_000)
    assert found.placed_at == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    assert [item.title_fa for item in found.items] == [ROW["title"]]


def test_persian_digits_and_separators(tmp_path: Path) -> None:
    row = {
        **ROW,
        "number": "\u06f1\u06f0\u06f4\u06f2\u06f3\u06f3",
        "mobile": "\u06f0\u06f9\u06f1\u06f2 \u06f1\u06f2\u06f3 \u06f4\u06f5\u06f6\u06f7",
        "total": "\u06f1\u066c\u06f2\u06f5\u06f0\u066c\u06f0\u06f0\u06f0",
        "placed_at": "\u06f1\u06f4\u06f0\u06f5/\u06f0\u06f8/\u06f3\u06f0",
    }
    (tmp_path / "a.csv").write_text("sep=;\r\n" + written([row], ";"), encoding="utf-8")
    found = feed_of(tmp_path).one("104233").order
    assert (found.number, found.mobile, found.total.amount) == ("104233", MOBILE, 12_500_000)
    assert found.placed_at == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)


def test_bad_rows_are_named_by_their_lines_and_left_out(tmp_path: Path) -> None:
    rows = [
        ROW,
        {**ROW, "number": "TS-2", "title": "two\nlines", "total": "free"},
        {**ROW, "number": ""},
        {**ROW, "number": "TS-3", "placed_at": "1405/13/40"},
        {**ROW, "number": "TS-4", "tracking_code": "1.23457E+23"},
        {**ROW, "number": "TS-5"},
    ]
    (tmp_path / "a.csv").write_text(f"{written(rows)}\r\nTS-6,short\r\n", encoding="utf-8")
    feed = feed_of(tmp_path)
    pages = passed(feed)
    assert ids(pages) == {"TS-1", "TS-5"}
    assert sorted(each for page in pages for each in page.unreadable) == [
        "a.csv:10",
        "a.csv:3",
        "a.csv:5",
        "a.csv:6",
        "a.csv:7",
    ]
    said = feed.bad_rows()
    assert "a.csv:3: total is no amount" in said
    assert "a.csv:5: number is empty" in said
    assert any("rounded by a spreadsheet" in each for each in said)
    assert any("2 cells under 7 headers" in each for each in said)
    with pytest.raises(BadAnswer, match=r"a\.csv:3"):
        feed.one("TS-2")


def test_a_file_of_another_kind_keeps_none_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(written([ROW]), encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,age\nx,1\n", encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(b"")
    (tmp_path / "d.part").write_text(written([{**ROW, "number": "TS-9"}]), encoding="utf-8")
    feed = feed_of(tmp_path)
    assert ids(passed(feed)) == {"TS-1"}
    assert [each for page in passed(feed) for each in page.unreadable] == ["b.csv", "c.csv"]


def test_rows_of_one_order_are_its_items_and_the_same_row_twice_is_one(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "title": "Pen"}, {**ROW, "number": "TS-2"}, ROW]
    (tmp_path / "a.csv").write_text(written(rows), encoding="utf-8")
    assert [item.title_fa for item in feed_of(tmp_path).one("TS-1").order.items] == [ROW["title"], "Pen"]


def test_what_changed_further_down_or_in_a_later_file_is_newer(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "tracking_code": "111"}]
    (tmp_path / "b.csv").write_text(written(rows), encoding="utf-8")
    os.utime(tmp_path / "b.csv", (1, 1))
    feed = feed_of(tmp_path, arrived=lambda path: datetime.fromtimestamp(path.stat().st_mtime, UTC))
    assert [ref.tracking_code for ref in feed.one("TS-1").order.shipments] == ["111"]
    (tmp_path / "a.csv").write_text(written([{**ROW, "tracking_code": "222"}]), encoding="utf-8")
    assert [ref.tracking_code for ref in feed.one("TS-1").order.shipments] == ["222"]


def test_a_file_that_was_moved_here_came_now(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(written([ROW]), encoding="utf-8")
    os.utime(path, (1, 1))
    assert arrived(path) > datetime.now(UTC) - timedelta(minutes=1)


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    feed._folder = tmp_path / "none"
    with pytest.raises(Unavailable):
        feed.page(None, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"columns": {}}, "columns"), ({"columns": {"phone": "x"}}, "no field"), ({"x": 1}, "no part")],
)
def test_a_mistake_in_the_mapping_is_one_clear_line(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        feed_of(tmp_path, {**MAPPING, **change})


def test_the_doctor_reads_an_order_and_counts_bad_rows(tmp_path: Path) -> None:
    file = tmp_path / "mapping.yml"
    file.write_text(yaml.safe_dump(MAPPING, allow_unicode=True), encoding="utf-8")
    own = CsvSettings(folder=tmp_path, mapping=file, page_size=10)
    given = parts(FakeClock(), Unknown())
    assert PLUGIN.check(own, given).sample == "no orders yet"
    (tmp_path / "a.csv").write_text(written([ROW, {**ROW, "number": "TS-2", "total": "x"}]), encoding="utf-8")
    health = PLUGIN.check(own, given)
    assert health.sample == "order TS-1 of 2"
    assert health.advice == "1 rows cannot be read, the first: a.csv:3: total is no amount"
    assert not PLUGIN.check(own.model_copy(update={"folder": tmp_path / "none"}), given).reachable
