"""The edge as a process: what keeps it from starting is said in one line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PEYK_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PEYK_DATA_DIR": str(tmp_path), **more}


def start(tmp_path: Path, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "peyk.web"]
    return subprocess.Popen(
        command,
        env=environment(tmp_path, **more),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PEYK_HOST": "203.0.113.77"}, "PEYK_HOST"),
        ({"PEYK_TRUSTED_PROXIES": "proxy.example"}, "PEYK_TRUSTED_PROXIES"),
        ({"PEYK_PORT": "many"}, "PEYK_PORT"),
        ({"PEYK_MODE": "production"}, "PEYK_SECRET_KEY"),
        ({"PEYK_DATABASE_URL": "mysql://x"}, "PEYK_DATABASE_URL"),
    ],
)
def test_a_bad_setting_is_one_line(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    process = start(tmp_path, **{"PEYK_PORT": "0", **variables})
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        process = start(tmp_path, PEYK_PORT=str(port))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(errors.strip().splitlines()) == 1
    assert f"127.0.0.1:{port} is in use" in errors


def test_it_serves_and_stops_when_told(tmp_path: Path) -> None:
    process = start(tmp_path, PEYK_PORT="0")
    try:
        assert process.stderr is not None
        port = next(found.group(1) for line in process.stderr if (found := re.search(r'"port": (\d+)', line)))
        response = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20, trust_env=False)
        assert response.json() == {"status": "ok"}
        assert "server" not in response.headers
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
