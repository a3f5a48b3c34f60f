"""Short texts, dates, money and digits in the customer's language."""

from __future__ import annotations

from peyk.i18n.catalogue import named, text
from peyk.i18n.dates import (
    duration,
    expected_between,
    format_date,
    format_datetime,
    format_day,
    format_moment,
    format_time,
    local,
    local_date,
    relative_day,
)
from peyk.i18n.digits import count, format_number, join_names, localise_digits
from peyk.i18n.handoff import queued_object, when
from peyk.i18n.money import format_money
from peyk.i18n.parcels import carrier_name, name_carrier

__all__ = [
    "carrier_name",
    "count",
    "duration",
    "expected_between",
    "format_date",
    "format_datetime",
    "format_day",
    "format_moment",
    "format_money",
    "format_number",
    "format_time",
    "join_names",
    "local",
    "local_date",
    "localise_digits",
    "name_carrier",
    "named",
    "queued_object",
    "relative_day",
    "text",
    "when",
]
