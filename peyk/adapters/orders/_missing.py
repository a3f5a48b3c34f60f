"""Tells an order that is not there from an API that is not there: both are a 404.

Whoever takes the second for the first deletes orders that exist: while a shop is being updated its API is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from peyk.adapters._http import NothingThere
from peyk.errors import NotFound

T = TypeVar("T")


def asked(call: Callable[[], T], says_no_such: Callable[[Any], bool]) -> T:
    """Return what `call` returns, which asks by HTTP.

    Raises NotFound where the vendor's own answer `says_no_such`, NothingThere for every other 404.
    """
    try:
        return call()
    except NothingThere as exc:
        if not says_no_such(exc.answer):
            raise
        system = exc.system
    raise NotFound(system)
