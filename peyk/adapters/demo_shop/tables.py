"""The `demo_*` tables: what a shop, its carriers and its bank would keep. Times are UTC."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Integer, MetaData, String, Table, Text

metadata = MetaData()
_Time = DateTime(timezone=True)

orders = Table(
    "demo_orders",
    metadata,
    Column("number", String, primary_key=True),
    Column("mobile", String, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("customer_name", String, nullable=False),
    Column("city", String, nullable=False),
    Column("address", Text, nullable=False),
    Column("total_rial", BigInteger, nullable=False),
    Column("placed_at", _Time, nullable=False),
    Column("paid_at", _Time),
    Column("preparation_due_at", _Time),
    Column("delay_reason", String),
    Column("hold_reason", String),
    Column("promised_at", _Time),
    Column("eta_from", _Time),
    Column("eta_until", _Time),
    Column("refund_rial", BigInteger),
    Column("refund_started_at", _Time),
    Column("refund_due_at", _Time),
    Column("refund_done_at", _Time),
    Column("vip", Boolean, nullable=False),
)

order_items = Table(
    "demo_order_items",
    metadata,
    Column("order_number", String, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("sku", String, nullable=False),
    Column("title_fa", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_rial", BigInteger, nullable=False),
)

shipments = Table(
    "demo_shipments",
    metadata,
    Column("code", String, primary_key=True),
    Column("order_number", String, nullable=False, index=True),
    Column("carrier", String, nullable=False),
    Column("city", String, nullable=False, index=True),
    Column("shipped_at", _Time, nullable=False),
    Column("delivered_at", _Time),
    Column("item_skus", JSON, nullable=False),
)

parcels = Table(
    "demo_parcels",
    metadata,
    Column("carrier", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("reason", String),
    Column("events", JSON, nullable=False),
    Column("eta", _Time),
    Column("attempts", Integer, nullable=False),
    Column("pickup_until", _Time),
    Column("pickup_place_fa", Text),
    Column("pickup_place_en", Text),
    Column("signed_by_fa", Text),
    Column("signed_by_en", Text),
)

payments = Table(
    "demo_payments",
    metadata,
    Column("order_number", String, primary_key=True),
    Column("at", _Time, primary_key=True),
    Column("state", String, nullable=False),
    Column("amount_rial", BigInteger, nullable=False),
    Column("ref_id", String),
    Column("failure", String),
)

zones = Table(
    "demo_zones",
    metadata,
    Column("position", Integer, nullable=False),
    Column("name", String, primary_key=True),
    Column("cities", JSON, nullable=False),
    Column("domestic", Boolean, nullable=False),
)

shipping_methods = Table(
    "demo_shipping_methods",
    metadata,
    Column("position", Integer, nullable=False),
    Column("zone", String, primary_key=True),
    Column("carrier", String, primary_key=True),
    Column("base_rial", BigInteger, nullable=False),
    Column("per_kg_rial", BigInteger, nullable=False),
    Column("min_days", Integer, nullable=False),
    Column("max_days", Integer, nullable=False),
    Column("base_weight_g", Integer, nullable=False),
    Column("free_from_rial", BigInteger),
    Column("cash_on_delivery", Boolean, nullable=False),
)

products = Table(
    "demo_products",
    metadata,
    Column("sku", String, primary_key=True),
    Column("title_fa", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("price_rial", BigInteger, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("material_fa", Text, nullable=False),
    Column("material_en", Text, nullable=False),
    Column("sizes", JSON, nullable=False),
    Column("warranty_months", Integer, nullable=False),
    Column("weight_g", Integer, nullable=False),
    Column("words", JSON, nullable=False),
)

return_policy = Table(
    "demo_return_policy",
    metadata,
    Column("days", Integer, nullable=False),
    Column("unopened_only", Boolean, nullable=False),
    Column("shop_pays_when_faulty", Boolean, nullable=False),
    Column("refund_days", Integer, nullable=False),
)

payment_methods = Table(
    "demo_payment_methods",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("method", String, nullable=False),
)

faults = Table(
    "demo_faults",
    metadata,
    Column("system", String, primary_key=True),
    Column("kind", String, nullable=False),
)

outbox = Table(
    "demo_outbox",
    metadata,
    Column("key", String, primary_key=True),
    Column("to", String, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("code", String, nullable=False),
    Column("at", _Time, nullable=False),
)

# What is not the shop's stories stays when they are told anew: the customers' telephone.
KEPT = (outbox,)
