"""Brings in the packages of the real Vendure as the lock beside this names them, before the tests that start it.

`python -m tests.vendure.bring`, on the standard library alone. Where CI is set a failure is a failure; elsewhere it is
one line, and the tests with Vendure are skipped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from peyk.launcher.console import say, step
from peyk.launcher.install import InstallError, in_one_line
from peyk.launcher.node import bring_node, has_packages, node_on_path, packages

FOLDER = Path("tests/vendure")


def bring(root: Path) -> None:
    """Install the packages unless they are there. Raises InstallError where CI is set."""
    if has_packages(root / FOLDER):
        return
    try:
        with step("a real Vendure, for the tests"):
            packages(root, node_on_path() or bring_node(root), FOLDER)
    except InstallError as error:
        if os.environ.get("CI"):
            raise
        say(f"  the tests with a real Vendure are skipped: {error}")


if __name__ == "__main__":
    sys.exit(in_one_line(bring))
