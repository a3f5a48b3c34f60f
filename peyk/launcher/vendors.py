"""`peyk demo --vendor`: vendors' servers on this machine, which the real adapters speak to instead of the demo's own.

The servers are those of the tests (`tests/fakes`). They run in a process of their own; nothing of Peyk imports them.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peyk.errors import SettingsError
from peyk.launcher.console import say
from peyk.launcher.ports import LOOPBACK, free_ports
from peyk.launcher.processes import Program
from peyk.launcher.stack import APP_PYTHON, Stack

MODULE = "tests.fakes"
# Where each server is told to go wrong, and tells that it is there.
FAULTS = "/_fault"


@dataclass(frozen=True, slots=True)
class Vendors:
    """Where each vendor's server listens, what it has in words, and the settings that lead to them."""

    ports: Mapping[str, int] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.ports)

    def program(self, stack: Stack) -> Program:
        """Return the program that serves them all; the demo shop has to be seeded before."""
        return Program(
            name="vendors",
            command=(str(stack.root / APP_PYTHON), "-m", MODULE, "serve", *_pairs(self.ports)),
            env=stack.env(),
            cwd=stack.root,
            log=stack.logs / "vendors.log",
            # The last one listens when all do.
            port=list(self.ports.values())[-1],
            ready_path=FAULTS,
        )

    @property
    def has_shop(self) -> bool:
        """Whether one of them is a shop, whose orders are read into Peyk's index."""
        return "PEYK_SHOP" in self.settings

    def filling(self, stack: Stack) -> Program:
        """Return the program that reads the shop's orders; until it is done no order is found."""
        command = (str(stack.root / APP_PYTHON), "-m", "peyk", "shop", "fill")
        return Program(name="fill", command=command, env=stack.env(), cwd=stack.root, log=stack.logs / "fill.log")

    def announce(self) -> None:
        """Print a line a vendor: its name, its address, what it has, how to break it."""
        say("\nVendors on this machine (mend one with: curl -X DELETE …/_fault; the rest is in docs/connect.md):")
        widest = max(map(len, self.ports))
        for name, port in self.ports.items():
            url = f"http://{LOOPBACK}:{port}"
            broken = f'curl -d \'{{"fault": "slow"}}\' {url}{FAULTS}'
            say(f"  {name:<{widest}}  {url}  {self.about[name]}; break it: {broken}")


NONE = Vendors()


def find_vendors(root: Path, data_dir: Path, names: Sequence[str]) -> Vendors:
    """Choose a port for each vendor and ask for the settings it needs; nothing is started.

    Raises SettingsError for a name that is none (the line lists those there are), and where there are no servers.
    """
    if not names:
        return NONE
    if not (root / MODULE.replace(".", "/") / "__main__.py").is_file():
        raise SettingsError("--vendor needs the tests' servers (tests/fakes): run it in a checkout of Peyk")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    asked = subprocess.run(
        [str(root / APP_PYTHON), "-m", MODULE, "settings", *_pairs(ports)],
        cwd=root,
        env={**os.environ, "PEYK_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        lines = asked.stderr.strip().splitlines() or [f"exit code {asked.returncode}"]
        raise SettingsError(lines[-1])
    found = json.loads(asked.stdout)
    return Vendors(ports, found["about"], found["settings"])


def _pairs(ports: Mapping[str, int]) -> list[str]:
    return [f"{name}={port}" for name, port in ports.items()]
