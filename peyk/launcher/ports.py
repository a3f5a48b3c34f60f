"""Loopback ports: free ones, and whether a wanted one is taken."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from peyk.errors import SettingsError

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that were free a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def require_free(host: str, port: int) -> None:
    """Raise SettingsError with one line when `port` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SettingsError(_explain(host, port, exc)) from None


def _explain(host: str, port: int, exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return f"port {port} is busy: stop what listens there, or choose another one with PORT=8090"
    if exc.errno == errno.EACCES:
        return f"port {port} needs more rights: choose one above 1023 with PORT=8090"
    return f"cannot listen on {host}:{port}: {exc.strerror}"
