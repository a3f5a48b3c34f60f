"""A home-made shop, by its database: any that SQLAlchemy knows, and a mapping file (docs/connect.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from peyk.adapters.orders._rows import RowRules, read_mapping
from peyk.adapters.orders.sql.adapter import SqlFeed, SqlOrders, SqlPayments, SqlShop, written_otherwise
from peyk.adapters.orders.sql.client import SYSTEM, Database
from peyk.adapters.orders.sql.mapping import ORDER, SqlMapping
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, SettingsError

SAMPLES = 20
WRITTEN_OTHERWISE = (
    "{} of an order is not found as customers send it (your database has other digits, small letters, spaces, or "
    "several in one field): set PEYK_SQL_READ=index, or write it plainly in a query"
)

__all__ = ["PLUGIN", "SqlFeed", "SqlOrders", "SqlPayments", "SqlSettings"]


class SqlSettings(AdapterSettings):
    """What a shop's database needs."""

    model_config = settings_config("SQL")

    url: SecretStr = Field(description="its URL, of a user that may only read: postgresql://reader:…@host/shop")
    mapping: Path = Field(description="the YAML file that names tables, columns, statuses and the unit of money")
    read: Literal["direct", "index"] = Field(
        "direct", description="`index` reads all orders into Peyk's index: where the columns are not indexed"
    )
    page_size: int = Field(200, ge=1, le=1000, description="orders in one page, where they are read into the index")


def _parts_of(own: SqlSettings, parts: Parts) -> tuple[SqlMapping, SqlShop, Database]:
    mapping = read_mapping(SqlMapping, own.mapping)
    if own.read == "index" and "changed_at" not in mapping.orders.columns:
        raise SettingsError(f"the mapping {own.mapping}: orders: changed_at must be named to read into the index")
    database = Database(own.url, mapping.time_zone, parts.deadline_s)
    return mapping, SqlShop(database, mapping, RowRules.of(SYSTEM, mapping, parts.unknown)), database


def _make(own: SqlSettings, parts: Parts) -> Shop:
    mapping, shop, database = _parts_of(own, parts)
    if own.read == "index":
        return Shop(feed=SqlFeed(shop, own.page_size), address=database.address, rules=mapping.model_dump_json())
    orders = SqlOrders(shop)
    knows = "email" in mapping.orders.columns
    return Shop(orders=orders, payments=SqlPayments(orders), email_of=orders.email_of if knows else None)


def _check(own: SqlSettings, parts: Parts) -> Health:
    mapping, shop, database = _parts_of(own, parts)
    try:
        rows, total = shop.page(None, None, SAMPLES)
        if not rows:
            return Health(reachable=True, credentials=True, sample="no orders yet")
        samples = shop.with_parts(rows)
        found, advice = shop.whole(samples[0]), ""
        if own.read == "direct":
            missed = written_otherwise(shop, samples)
            if not missed:
                SqlOrders(shop).by_number(found.order.number)
            advice = WRITTEN_OTHERWISE.format(", ".join(missed)) if missed else _slow(mapping, database)
        sample = f"order {found.order.number} of {total}"
        return Health(reachable=True, credentials=True, sample=sample, advice=advice)
    except AccessRefused as exc:
        return Health(reachable=True, credentials=False, advice=str(exc))
    except NotFound:
        advice = "an order was read that cannot be found by its number: name plain columns in the query"
        return Health(reachable=True, credentials=True, advice=advice)
    except (BadAnswer, ValueError) as exc:
        return Health(reachable=True, credentials=True, advice=f"{exc}: correct the mapping")
    except ExternalError as exc:
        return Health(reachable=False, advice=f"it does not answer ({exc}): is it up?")
    finally:
        database.close()


def _slow(mapping: SqlMapping, database: Database) -> str:
    """Return what to do about columns that are searched and have no index."""
    asked = [(mapping.orders, name) for name in ("number", "mobile", "tracking_code")]
    for part in (mapping.items, mapping.shipments):
        asked += [(part, name) for name in (ORDER, "tracking_code")] if part else []
    missing = []
    for part, name in asked:
        if part.table and name in part.columns:
            indexed = database.indexed(part.table)
            if indexed is not None and part.columns[name] not in indexed:
                missing.append(f"{part.table}.{part.columns[name]}")
    if not missing:
        return ""
    return f"no index begins with {', '.join(missing)}: add one, or set PEYK_SQL_READ=index"


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "A home-made shop's database (SQL)", SqlSettings, _make, _check)
