"""Python's garbage collector in a process that serves for a long time."""

from __future__ import annotations

import gc


def settle() -> None:
    """Leave what is there by now, code and tables for the most part, out of every later collection.

    To be called once, when everything is built and nobody is served yet. A full collection looks at each of well over
    a hundred thousand objects that stay anyway: a tenth of a second in which nobody is answered, again and again.
    """
    gc.collect()
    gc.freeze()
