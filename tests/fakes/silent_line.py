"""A line to a server that can fall silent: it stays open, takes everything, and nothing comes any more."""

from __future__ import annotations

import socket
import threading


class SilentLine:
    """Passes on what both ends say until the client says `marker`; `mend()` lets new connections speak."""

    def __init__(self, host: str, port: int, marker: bytes) -> None:
        self._server = (host, port)
        self._marker = marker
        self._silent = False
        self._mended = False
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> SilentLine:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._listener, *self._ends):
            end.close()

    def mend(self) -> None:
        self._mended = True

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
            except OSError:
                return
            self._ends += [client, server]
            speaks = threading.Event()
            speaks.set()
            threading.Thread(target=self._pass, args=(client, server, speaks, self._marker), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, speaks, b""), daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket, speaks: threading.Event, marker: bytes) -> None:
        try:
            while said := here.recv(65536):
                if marker and marker in said and not self._mended:
                    speaks.clear()
                if speaks.is_set():
                    there.sendall(said)
        except OSError:
            return
