"""Outside demo mode: who may talk, how fast and how long, and what is not there at all."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from peyk.launcher.demo import start_all
from peyk.launcher.model import ensure_model
from peyk.launcher.processes import Program, Supervisor
from peyk.launcher.stack import Stack as Programs
from peyk.launcher.stack import new_stack
from peyk.tls import trusted
from tests.conversations.checks import LANGUAGES, checked, loopback, new_sender, post, says
from tests.stack import ANSWER_TIMEOUT_S, ROOT, Answer

PER_SENDER, PER_ADDRESS, MAX_CHARS = 12, 30, 2000
SETTINGS = {
    "PEYK_MODE": "production",
    "PEYK_DATABASE_URL": "",
    "PEYK_TRACKER_URL": "",
    # A window that does not pass while a test counts.
    "PEYK_BURST_WINDOW_S": "600",
    "PEYK_BURST_PER_SENDER": str(PER_SENDER),
    "PEYK_BURST_PER_ADDRESS": str(PER_ADDRESS),
}
HELLO = {"fa": "سلام", "en": "hello"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Production:
    """A running Peyk and the command line of its operator."""

    programs: Programs

    def command(self, *arguments: str) -> str:
        """Run `peyk …` and return what it prints."""
        seeding = self.programs.seeding()
        command = (*seeding.command[:3], *arguments)
        env = dict(seeding.env)
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def new_key(self) -> str:
        """Make a key as an operator does."""
        found = re.search(r"pk_\S+", self.command("keys", "add", "shop-backend"))
        assert found
        return found.group()

    @contextmanager
    def client(self, key: str = "") -> Iterator[httpx.Client]:
        """Give a client with an address of its own, and a key if any."""
        transport = httpx.HTTPTransport(local_address=loopback(), verify=trusted())
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with httpx.Client(
            base_url=self.programs.url, transport=transport, timeout=ANSWER_TIMEOUT_S, headers=headers
        ) as own:
            yield own


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """A Peyk in production mode, migrated, without a demo shop."""
    folder = tmp_path_factory.mktemp("production")
    with Supervisor(ROOT) as processes:
        model = ensure_model(ROOT, processes)
        programs = new_stack(ROOT, folder, model, secret_key=secrets.token_urlsafe(32), extra_env=SETTINGS)
        processes.run(_migration(programs))
        start_all(programs, processes)
        yield Production(programs)


def _migration(programs: Programs) -> Program:
    seeding = programs.seeding()
    return replace(seeding, name="migrate", command=(*seeding.command[:3], "migrate"))


@pytest.fixture(scope="module")
def key(production: Production) -> str:
    return production.new_key()


@pytest.fixture
def client(production: Production, key: str) -> Iterator[httpx.Client]:
    with production.client(key) as own:
        yield own


def say(client: httpx.Client, sender: str, message: str, *allowed: int) -> Answer:
    return checked(post(client, {"sender": sender, "message": message}), *allowed)


# --- Keys


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer pk_0123456789ab_" + "A" * 43},
        {"Authorization": "Basic cGs6cGs="},
        {"X-API-Key": "pk__"},
        {"X-API-Key": "' OR 1=1 --"},
        {"X-API-Key": "demo"},
    ],
)
def test_nobody_talks_without_a_key(production: Production, headers: dict[str, str]) -> None:
    with production.client() as client:
        answer = checked(post(client, {"sender": new_sender(), "message": "hello"}, headers), 401)
    # What comes without a key is not read, so the shop's own language it is.
    assert says(answer, "edge_unauthorized", "fa")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_in_either_header_is_good_until_it_is_revoked(production: Production) -> None:
    key = production.new_key()
    with production.client() as client:
        body = {"sender": new_sender(), "message": "hello"}
        for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
            assert says(checked(post(client, body, headers)), "utter_general_greet", "en")
        production.command("keys", "revoke", key.split("_")[1])
        checked(post(client, body, {"X-API-Key": key}), 401)


def test_a_sender_belongs_to_its_key(production: Production, client: httpx.Client) -> None:
    sender = new_sender()
    with production.client(production.new_key()) as other:
        greeting = say(client, sender, "hello")
        say(client, sender, "I want to talk to a person")
        # The other shop's customer of the same name is somebody else: no language, no button, no ticket of theirs.
        assert says(say(other, sender, greeting.buttons[0]["payload"]), "edge_button_expired", "fa")
        assert says(say(other, sender, "what about my ticket?"), "utter_tickets_none", "en")
        ticket = say(client, sender, "what about my ticket?")
        assert says(ticket, "utter_tickets_state", "en")


def test_without_a_shop_no_order_is_made_up(client: httpx.Client) -> None:
    answers = [say(client, new_sender(), f"Where is order {number}?") for number in ("TS-104233", "TS-999999")]
    for answer in answers:
        assert says(answer, "utter_tracking_unavailable", "en")


# --- What is not there


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/", "/demo/outbox?to=09121234567", "/demo/faults", "/demo/stories", "/demo/page", "/demo/page.js",
     "/redoc", "/webhooks/peyk/message", "/webhook", "/model", "/conversations/x/tracker"],
)  # fmt: skip
def test_there_is_no_demo_and_no_door_to_the_inside(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 404
    assert response.json() == {"detail": "Not Found"}


def test_signs_of_life_need_no_key(production: Production) -> None:
    with production.client() as client:
        for path in ("/healthz", "/readyz", "/webhooks/rest/"):
            assert client.get(path).status_code == 200


@pytest.mark.parametrize("secret", ["", "guessed", "x" * 43])
def test_rasa_and_the_action_server_refuse_strangers(production: Production, secret: str) -> None:
    programs, headers = production.programs, {"X-Peyk-Secret": secret} if secret else {}
    action_url = programs.env()["PEYK_ACTION_URL"]
    message = {"conversation_id": "r-1", "text": "hello", "metadata": {}}
    action = {"next_action": "action_list_orders", "tracker": {"sender_id": "r-1"}}
    with httpx.Client(headers=headers, trust_env=False, params={"token": secret}) as stranger:
        refused = [
            stranger.post(f"{programs.rasa_url}/webhooks/peyk/message", json=message),
            stranger.get(f"{programs.rasa_url}/webhooks/peyk/health"),
            stranger.get(f"{programs.rasa_url}/conversations/r-1/tracker"),
            stranger.post(f"{programs.rasa_url}/model/parse", json={"text": "hello"}),
            stranger.post(action_url, json=action),
            stranger.get(action_url.replace("/webhook", "/actions")),
        ]
        by_the_front = stranger.post(
            f"{programs.rasa_url}/webhooks/rest/webhook", json={"sender": "x", "message": "hi"}
        )
    assert {response.status_code for response in refused} <= {401, 403}
    assert by_the_front.status_code == 404


def test_rasa_and_the_action_server_listen_on_loopback_only(production: Production) -> None:
    listening = 0x0A
    found: dict[int, set[str]] = {}
    for table in ("tcp", "tcp6"):
        path = Path("/proc/net") / table
        lines = path.read_text().splitlines()[1:] if path.exists() else []
        for _, local, _, state, *_ in map(str.split, lines):
            if int(state, 16) == listening:
                address, port = local.split(":")
                found.setdefault(int(port, 16), set()).add(address)
    for inside in (production.programs.rasa_port, production.programs.actions_port):
        assert found[inside] == {"0100007F"}


# --- How fast, how long


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_burst_of_one_sender_waits_and_others_do_not(client: httpx.Client, language: str) -> None:
    sender = new_sender()
    statuses = [say(client, sender, HELLO[language]).status for _ in range(PER_SENDER)]
    assert set(statuses) == {200}
    refused = say(client, sender, HELLO[language], 429)
    assert says(refused, "edge_burst", language)
    assert refused.custom == {"error": "burst"}
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert say(client, new_sender(), HELLO[language]).status == 200


def test_a_burst_of_one_address_waits_with_or_without_a_key(production: Production, client: httpx.Client) -> None:
    with production.client() as stranger:
        statuses = [
            post(
                stranger, {"sender": new_sender(), "message": "hello"}, {"X-Forwarded-For": f"198.51.100.{number}"}
            ).status
            for number in range(PER_ADDRESS + 5)
        ]
    assert statuses == [401] * PER_ADDRESS + [429] * 5
    assert say(client, new_sender(), "hello").status == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_message_is_refused_and_the_conversation_goes_on(client: httpx.Client, language: str) -> None:
    sender = new_sender()
    say(client, sender, HELLO[language])
    word = {"fa": "سفارشم کجاست ", "en": "where is my order "}[language]
    longest = (word * MAX_CHARS)[: MAX_CHARS - 1] + "."
    assert len(longest) == MAX_CHARS
    say(client, sender, longest)
    too_long = say(client, sender, longest + ".", 413)
    assert says(too_long, "edge_too_long", language)
    assert says(say(client, sender, (word * 100_000)[:100_000], 413), "edge_too_large", "fa")
    assert says(say(client, sender, HELLO[language]), "utter_general_greet", language)
