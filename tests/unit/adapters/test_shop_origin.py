"""What an index is filled anew for: another address, other rules; never for another credential."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.orders import csv, magento, shopify, sql, vendure, woocommerce
from peyk.adapters.plugin import Shop
from tests.contract.shop_subjects import Unknown, parts
from tests.unit.services.fakes import FakeClock

Make = Callable[..., Shop]
URL = "https://shop.example"
CSV_MAPPING = """
money: toman
columns: {number: Number, mobile: Mobile, status: Status, placed_at: Date, total: Total}
"""
SQL_MAPPING = """
money: toman
orders:
  table: orders
  columns: {number: code, mobile: phone, status: state, placed_at: created_at, total: amount, changed_at: updated_at}
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return tmp_path / "tables.yml"


def shop(plugin: Any, settings: Any, **given: Any) -> Shop:
    made: Shop = plugin.make(settings(**given, _env_file=None), parts(FakeClock(), Unknown()))
    return made


def woocommerce_shop(**changes: Any) -> Shop:
    plain = {"url": URL, "key": "k", "secret": "s"}
    return shop(woocommerce.PLUGIN, woocommerce.WooCommerceSettings, **{**plain, **changes})


def shopify_shop(**changes: Any) -> Shop:
    return shop(shopify.PLUGIN, shopify.ShopifySettings, **{"url": URL, "token": "t", **changes})


def magento_shop(**changes: Any) -> Shop:
    return shop(magento.PLUGIN, magento.MagentoSettings, **{"url": URL, "token": "t", **changes})


def vendure_shop(**changes: Any) -> Shop:
    plain = {"url": URL, "user": "u", "password": "p"}
    return shop(vendure.PLUGIN, vendure.VendureSettings, **{**plain, **changes})


@pytest.mark.parametrize(
    ("make", "credential"),
    [(woocommerce_shop, "secret"), (shopify_shop, "token"), (magento_shop, "token"), (vendure_shop, "password")],
)
def test_tables_carrier_and_address_count_and_credentials_do_not(make: Make, credential: str, tables: Path) -> None:
    plain = make()
    assert (plain.address.startswith(URL), bool(plain.rules)) == (True, True)
    same = make(**{credential: "another", "url": f"{URL}/"})
    assert (same.address, same.rules) == (plain.address, plain.rules)
    assert make(url="https://other.example").address != plain.address
    tables.write_text("carriers: {our motorbike: courier}\n", encoding="utf-8")
    for changes in ({"tables": tables}, {"carrier": "post"}, {"refund_days": 9}):
        other = make(**changes)
        assert (other.address, other.rules == plain.rules) == (plain.address, False)


def test_a_mapping_and_a_folder_count(tables: Path, tmp_path: Path) -> None:
    def make(mapping: str = CSV_MAPPING, folder: Path = tmp_path) -> Shop:
        tables.write_text(mapping, encoding="utf-8")
        return shop(csv.PLUGIN, csv.CsvSettings, folder=folder, mapping=tables)

    assert make().rules == make().rules
    assert make(CSV_MAPPING + "carrier: post\n").rules != make().rules
    assert make(folder=tmp_path / "other").address != make().address


def test_a_mapping_and_a_database_count_and_its_password_does_not(tables: Path) -> None:
    def make(mapping: str = SQL_MAPPING, url: str = "postgresql://peyk:pw-5f0c@db.example/shop") -> Shop:
        tables.write_text(mapping, encoding="utf-8")
        return shop(sql.PLUGIN, sql.SqlSettings, url=url, mapping=tables, read="index")

    assert make().rules == make().rules
    assert make(SQL_MAPPING + "statuses: {1: preparing}\n").rules != make().rules
    assert make(url="postgresql://peyk:another@db.example/shop").address == make().address
    assert make(url="postgresql://peyk:pw-5f0c@db.example/test").address != make().address
    assert "pw-5f0c" not in repr(make())
