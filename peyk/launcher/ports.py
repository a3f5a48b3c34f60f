"""Loopback ports: free ones, and whether a wanted one is taken."""

from __future__ import annotations

import errno
import random
import socket
from contextlib import ExitStack

from peyk.errors import SettingsError

LOOPBACK = "127.0.0.1"
SERVERS = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that were free a moment ago.

    They lie below what systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): a server
    that ends and starts again finds its port as it left it. Raises SettingsError when none is free.
    """
    with ExitStack() as stack:
        found: list[int] = []
        # Which ones is no secret; that two launchers seldom begin with the same one is all that is wanted.
        for port in random.sample(SERVERS, len(SERVERS)):
            one = stack.enter_context(socket.socket())
            try:
                one.bind((LOOPBACK, port))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise SettingsError(f"no {count} ports between {SERVERS[0]} and {SERVERS[-1]} are free: stop what holds them")


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
