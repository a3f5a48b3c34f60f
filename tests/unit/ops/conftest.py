"""Small programs that stand in for Rasa, the action server and the edge."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from peyk import cli
from peyk.launcher.ports import free_ports
from peyk.launcher.processes import Program, Supervisor
from tests.unit.ops.cli_steps import Result, Run

SERVER = """
import http.server, subprocess, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health)
if "--with-grandchild" in sys.argv:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(f"grandchild={child.pid}", flush=True)
print("serving", flush=True)
server.serve_forever()
"""


def make_program(
    folder: Path, name: str, source: str = SERVER, *arguments: str, ready_path: str = "/health"
) -> Program:
    """Return a program that runs `source` with a free port as its first argument."""
    port = free_ports(1)[0]
    return Program(
        name=name,
        command=(sys.executable, "-c", source, str(port), *arguments),
        env=dict(os.environ),
        cwd=folder,
        log=folder / "logs" / f"{name}.log",
        port=port,
        ready_path=ready_path,
    )


def eventually(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait for something another process does; return whether it came true."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


def is_over(pid: int) -> bool:
    """Tell whether a process is gone, or dead and only waiting to be reaped."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def grandchild_of(program: Program) -> int:
    """Return the grandchild's id from the log of a program started `--with-grandchild`."""
    assert eventually(lambda: "serving" in program.log.read_text())
    line = next(line for line in program.log.read_text().splitlines() if line.startswith("grandchild="))
    return int(line.partition("=")[2])


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor that ends what a test leaves behind."""
    with Supervisor(tmp_path) as supervisor:
        yield supervisor


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder, in demo mode, with no settings of the machine's."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PEYK_")]:
        monkeypatch.delenv(name)
    for name in ("PEYK_SECRET_KEY", "PEYK_ORDER_PREFIX", "PEYK_ORDER_DIGITS", "PEYK_ORDER_SUFFIX"):
        # The command sets these for its children; monkeypatch takes them back afterwards.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def call(*arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"PEYK_{name.upper()}", value)
        monkeypatch.setattr("sys.argv", ["peyk", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Result(int(ended.value.code or 0), printed.out, printed.err)

    return call
