"""Orders out of exported files: a folder of them is the shop (docs/connect.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from peyk.adapters.orders._rows import RowRules, read_mapping
from peyk.adapters.orders.csv.adapter import SYSTEM, CsvFeed
from peyk.adapters.orders.csv.mapping import CsvMapping
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health
from peyk.errors import ExternalError

__all__ = ["PLUGIN", "CsvFeed", "CsvSettings", "make_feed"]


class CsvSettings(AdapterSettings):
    """What exported orders need."""

    model_config = settings_config("CSV")

    folder: Path = Field(description="the folder of the files; they stay there as long as their orders are to be found")
    mapping: Path = Field(description="the YAML file that names headers, statuses and the unit of money")
    page_size: int = Field(500, ge=1, le=5000, description="orders in one page")


def make_feed(own: CsvSettings, parts: Parts) -> CsvFeed:
    """Return the feed of a folder. Raises SettingsError."""
    return _feed(own, parts, read_mapping(CsvMapping, own.mapping))


def _feed(own: CsvSettings, parts: Parts, mapping: CsvMapping) -> CsvFeed:
    return CsvFeed(own.folder, mapping, RowRules.of(SYSTEM, mapping, parts.unknown), own.page_size)


def _make(own: CsvSettings, parts: Parts) -> Shop:
    mapping = read_mapping(CsvMapping, own.mapping)
    folder = str(own.folder.absolute())
    return Shop(feed=_feed(own, parts, mapping), address=folder, rules=mapping.model_dump_json())


def _check(own: CsvSettings, parts: Parts) -> Health:
    feed = make_feed(own, parts)
    try:
        page, bad = feed.page(None, None), feed.bad_rows()
    except ExternalError as exc:
        return Health(reachable=False, advice=f"{exc}: does PEYK_CSV_FOLDER exist, and may Peyk read it?")
    sample = f"order {page.orders[0].order.number} of {page.total}" if page.orders else "no orders yet"
    advice = f"{len(bad)} rows cannot be read, the first: {bad[0]}" if bad else ""
    return Health(reachable=True, sample=sample, advice=advice)


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "Exported orders (CSV files in a folder)", CsvSettings, _make, _check)
