"""The action server believes only callers with the run secret, and its errors tell nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from peyk.launcher.ports import free_ports
from peyk.launcher.processes import Program, Supervisor

ROOT = Path(__file__).resolve().parents[3]
SECRET = "run-secret-of-this-test-0123456789abcdef"
MOBILE = "09121234567"
ACTIONS = """
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

class Works(Action):
    def name(self): return "action_works"
    async def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text=f"domain {sorted(domain)}")
        return []

class Fails(Action):
    def name(self): return "action_fails"
    async def run(self, dispatcher, tracker, domain):
        raise RuntimeError(f"cannot reach the customer at {tracker.latest_message['text']}")

class Rejects(Action):
    def name(self): return "action_rejects"
    async def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection("action_rejects")
"""
SERVER = """
import sys
from actions.__main__ import build_server, prepare_logs, serve
from peyk.settings import load_settings
prepare_logs(load_settings())
serve(build_server(load_settings(), "some_actions"), int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's log file."""
    return tmp_path_factory.mktemp("actions") / "actions.log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[httpx.Client]:
    """The action server over three small actions, and a client of it without the secret."""
    (log.parent / "some_actions.py").write_text(ACTIONS)
    port = free_ports(1)[0]
    program = Program(
        name="actions",
        command=(sys.executable, "-c", SERVER, str(port)),
        env={**os.environ, "PEYK_RUN_SECRET": SECRET, "PYTHONPATH": f"{ROOT}:{log.parent}"},
        cwd=ROOT,
        log=log,
        port=port,
        ready_path="/health",
    )
    with Supervisor(log.parent) as processes:
        processes.start(program)
        processes.wait_ready("actions", 30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client


def call(action: str, **fields: Any) -> dict[str, Any]:
    """Return the body Rasa 3.6.21 sends for an action with selective domain: no `domain` in it."""
    tracker = {
        "sender_id": "c1",
        "slots": {},
        "events": [],
        "latest_message": {"text": MOBILE, "intent": {"name": "track_order"}, "entities": []},
        "paused": False,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": action, "sender_id": "c1", "tracker": tracker, "version": "3.6.21", **fields}


def ask(server: httpx.Client, action: str, **fields: Any) -> httpx.Response:
    """Call an action as Rasa does."""
    return server.post("/webhook", json=call(action, **fields), headers={"X-Peyk-Secret": SECRET})


def test_health_is_open(server: httpx.Client) -> None:
    assert server.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("headers", [{}, {"X-Peyk-Secret": "wrong"}, {"X-Peyk-Secret": ""}, {"X-Peyk-Secret": "é"}])
@pytest.mark.parametrize("request_line", ["POST /webhook", "GET /actions", "OPTIONS /webhook", "GET /nothing"])
def test_nothing_else_is_open_without_the_secret(
    server: httpx.Client, headers: dict[str, str], request_line: str
) -> None:
    method, path = request_line.split()
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    response = server.request(method, path, json=call("action_works"), headers=raw)
    assert "action_works" not in response.text
    if method != "OPTIONS":
        assert (response.status_code, response.json()) == (403, {"error": "forbidden"})
    assert "access-control-allow-origin" not in response.headers


def test_the_secret_in_the_query_does_not_open_it(server: httpx.Client) -> None:
    assert server.post("/webhook", params={"token": SECRET}, json=call("action_works")).status_code == 403


def test_rasa_is_answered_with_and_without_a_domain(server: httpx.Client) -> None:
    assert ask(server, "action_works").json()["responses"][0]["text"] == "domain []"
    answer = ask(server, "action_works", domain={"forms": {}})
    assert answer.json()["responses"][0]["text"] == "domain ['forms']"


def test_a_failing_action_tells_nothing_but_that(server: httpx.Client, log: Path) -> None:
    response = ask(server, "action_fails")
    assert (response.status_code, response.json()) == (500, {"error": "failed"})
    logged = log.read_text()
    assert MOBILE not in logged
    assert "RuntimeError" in logged
    assert "latest_message" not in logged.replace("tracker.latest_message", "")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_a_body_that_is_no_call_is_refused_without_repeating_it(server: httpx.Client, content: bytes) -> None:
    headers = {"X-Peyk-Secret": SECRET, "Content-Type": "application/json"}
    response = server.post("/webhook", content=content, headers=headers)
    assert response.status_code in {400, 500}
    assert set(response.json()) == {"error"}
    assert "Traceback" not in response.text


def test_rasa_still_hears_of_rejections_and_unknown_actions(server: httpx.Client) -> None:
    rejected = ask(server, "action_rejects")
    assert (rejected.status_code, rejected.json()["action_name"]) == (400, "action_rejects")
    unknown = ask(server, "action_nobody_wrote")
    assert (unknown.status_code, unknown.json()["action_name"]) == (404, "action_nobody_wrote")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "peyk: --port: cannot listen on 127.0.0.1:{port} (Address already in use); choose another"),
        ({"PEYK_CARRIERS": "tipax"}, "peyk: PEYK_TIPAX_USER: must be set"),
        ({"PEYK_CARRIERS": "tortoise"}, "peyk: there is no adapter `tortoise` for carrier; there are: "),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        started = subprocess.run(
            [sys.executable, "-m", "actions", "--port", str(port)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PEYK_DATA_DIR": str(tmp_path), "PEYK_SECRET_KEY": SECRET, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert started.returncode == 1
    assert started.stderr.startswith(said.format(port=port))
    assert started.stderr.count("\n") == 1


def test_every_line_of_the_log_is_json(server: httpx.Client, log: Path) -> None:
    server.get("/health")
    for line in log.read_text().splitlines():
        assert json.loads(line)["process"] == "actions"
