"""Why a parcel is not on its normal way, by the words of a vendor whose code says only that it is not."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from peyk.adapters.carriers._spelling import pattern, plain
from peyk.domain.shipments import DeliveryStatus, ExceptionReason

# In every other status there is nothing to give a reason for.
EXCEPTIONS = frozenset(
    {
        DeliveryStatus.DELIVERY_FAILED,
        DeliveryStatus.DELIVERY_DELAYED,
        DeliveryStatus.ON_HOLD,
        DeliveryStatus.RETURN_TO_SENDER,
    }
)


def reason_of(status: DeliveryStatus, words: str) -> ExceptionReason | None:
    """Return the reason that the words for an exception name, None where they name none we know."""
    if not words or status not in EXCEPTIONS:
        return None
    said = plain(words)
    return next((reason for reason, each in _patterns() if each.search(said)), None)


@cache
def _patterns() -> tuple[tuple[ExceptionReason, re.Pattern[str]], ...]:
    text = files(__package__ or "").joinpath("reasons.yml").read_text(encoding="utf-8")
    rows: dict[str, list[str]] = yaml.safe_load(text)
    return tuple((ExceptionReason(reason), pattern(line)) for reason, lines in rows.items() for line in lines)
