"""The mapping file of exported orders: which header stands over which field; a row an order, or a row an item."""

from __future__ import annotations

from pydantic import Field, field_validator

from peyk.adapters.orders._rows import ITEM_FIELDS, NEEDED, ORDER_FIELDS, RowsMapping, checked_columns

FIELDS = tuple(dict.fromkeys((*ORDER_FIELDS, *ITEM_FIELDS)))


class CsvMapping(RowsMapping):
    """The whole file; `columns` are our fields and their headers."""

    columns: dict[str, str] = Field(min_length=1)

    @field_validator("columns")
    @classmethod
    def _columns(cls, value: dict[str, str]) -> dict[str, str]:
        checked_columns(value, FIELDS, NEEDED)
        return value
