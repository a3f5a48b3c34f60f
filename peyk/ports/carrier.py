"""A carrier's tracking."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.shipments import Tracking


class Carrier(Protocol):
    """One carrier. `id` is a taxonomy carrier id (`post`, `tipax`, `chapar`, `dhl`, `courier`, …)."""

    id: str

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes; no I/O."""
        ...

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves, empty for none; no I/O."""
        ...

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now.

        Raises NotFound, NotYet, Unavailable, BadAnswer or RateLimited: five different sentences.
        """
        ...
