"""Free and busy ports."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from peyk.errors import SettingsError
from peyk.launcher.ports import LOOPBACK, free_ports, require_free


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    # No outgoing connection of anybody's can take one while its server starts again.
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < first_outgoing
    for port in ports:
        require_free(LOOPBACK, port)


def test_a_busy_port_is_one_line_that_says_what_to_do() -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(SettingsError) as error:
            require_free(LOOPBACK, port)
    assert str(error.value) == f"port {port} is busy: stop what listens there, or choose another one with PORT=8090"


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on 192\.0\.2\.1:8080"):
        require_free("192.0.2.1", 8080)
