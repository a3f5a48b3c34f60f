"""A server of the edge's kind on a free port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

PATIENCE_S = 20


@contextmanager
def serving(server: uvicorn.Server) -> Iterator[str]:
    """Serve until the end of the block, which waits for the server's own; yields its address."""
    # A server that is told to end before it has begun leaves the socket to us.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()
