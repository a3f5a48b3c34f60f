"""The yardstick: a Rasa as it comes, with one rule and an action that says back what it got."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Target
from peyk.launcher.ports import LOOPBACK, free_ports
from peyk.launcher.processes import LaunchError, Program, Supervisor
from peyk.launcher.stack import APP_PYTHON, QUIET, RASA_PYTHON, READY_TIMEOUT_S

SAID = "echo:"
FILES = {
    "config.yml": """
recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer
- name: CountVectorsFeaturizer
- name: LogisticRegressionClassifier
policies:
- name: RulePolicy
""",
    "domain.yml": """
version: "3.1"
intents: [ask, greet]
actions: [action_echo]
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
- intent: ask
  examples: |
    - where is my order
    - where is TS-104233
    - what about my parcel
- intent: greet
  examples: |
    - hello
    - good morning
    - hi there
""",
    "data/rules.yml": """
version: "3.1"
rules:
- rule: say it back
  steps:
  - intent: ask
  - action: action_echo
""",
    "credentials.yml": "rest:\n",
    "echo_actions.py": f'''
from rasa_sdk import Action


class Echo(Action):
    def name(self):
        return "action_echo"

    async def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="{SAID} " + (tracker.latest_message.get("text") or ""))
        return []
''',
}
MESSAGES = [("where is my order", SAID), ("where is TS-104233", SAID)]


@contextmanager
def echo(root: Path, folder: Path, processes: Supervisor) -> Iterator[Target]:
    """Train and run the echo project in `folder`; ends it afterwards."""
    rasa_port, actions_port = free_ports(2)
    _write(folder, actions_port)
    env = {**_without_peyk(), **QUIET, "PYTHONPATH": str(folder)}
    python = str(root / RASA_PYTHON)
    _train(python, folder, env)
    actions = Program(
        name="echo-actions",
        command=(str(root / APP_PYTHON), "-m", "rasa_sdk", "--actions", "echo_actions", "--port", str(actions_port)),
        env=env,
        cwd=folder,
        log=folder / "actions.log",
        port=actions_port,
        ready_path="/health",
    )
    rasa = Program(
        name="echo-rasa",
        command=(python, "-m", "rasa", "run", "--enable-api", "--interface", LOOPBACK, "--port", str(rasa_port)),
        env=env,
        cwd=folder,
        log=folder / "rasa.log",
        port=rasa_port,
        ready_path="/status",
    )
    for program in (actions, rasa):
        processes.start(program)
    for program in (actions, rasa):
        processes.wait_ready(program.name, READY_TIMEOUT_S)
    yield Target(f"http://{LOOPBACK}:{rasa_port}/webhooks/rest/webhook", MESSAGES)
    for program in (rasa, actions):
        processes.end(program.name)


def _write(folder: Path, actions_port: int) -> None:
    endpoints = (
        f"action_endpoint: {{url: 'http://{LOOPBACK}:{actions_port}/webhook'}}\n"
        "tracker_store: {type: sql, dialect: sqlite, db: rasa.db}\n"
    )
    for name, content in {**FILES, "endpoints.yml": endpoints}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip("\n"))


def _train(python: str, folder: Path, env: dict[str, str]) -> None:
    done = subprocess.run(
        [python, "-m", "rasa", "train", "--quiet"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LaunchError(f"the echo project could not be trained: {(done.stderr or done.stdout).strip()[-300:]}")


def _without_peyk() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PEYK_")}
