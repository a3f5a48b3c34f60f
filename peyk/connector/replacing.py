"""What every replacement in Rasa looks at first: is the function still the one it takes the place of?"""

from __future__ import annotations

import inspect
import logging
from typing import Any

logger = logging.getLogger(__name__)


def takes(function: Any, parameters: list[str]) -> bool:
    """Tell whether `function` is one, with these parameters."""
    return callable(function) and list(inspect.signature(function).parameters) == parameters


def left(what: str) -> bool:
    """Say that a function was left as it is; return that nothing was replaced."""
    logger.warning("This Rasa has another %s; it is left as it is.", what)
    return False
