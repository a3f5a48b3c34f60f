"""Ends process groups when whoever started them is gone, however it went.

The launcher holds the only writing end of this process's standard input and writes `+PGID` and
`-PGID` lines. When the launcher dies, even by SIGKILL, the pipe closes and the guard ends the groups that
are left: unlike PR_SET_PDEATHSIG this reaches grandchildren and does not depend on which thread started a
child. Standard library only: it is run as a file, isolated.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 5.0
POLL_S = 0.05


def alive(group: int) -> bool:
    """Tell whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: signal.Signals) -> None:
    """Signal a whole group; nothing when it is gone."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def end_groups(groups: Iterable[int], grace_s: float = GRACE_S) -> None:
    """Ask the groups to end, and after `grace_s` make them."""
    left = list(groups)
    for group in left:
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(POLL_S)
        left = [group for group in left if alive(group)]
    for group in left:
        send(group, signal.SIGKILL)


def main() -> None:
    """Keep the list of groups until standard input closes, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups)


if __name__ == "__main__":
    main()
