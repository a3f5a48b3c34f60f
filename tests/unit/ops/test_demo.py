"""`peyk demo` as a user sees it, over small stand-ins for Rasa, the action server and the edge."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from peyk.errors import SettingsError
from peyk.launcher.demo import only_demo, running
from peyk.launcher.ports import LOOPBACK, free_ports
from peyk.launcher.stack import RASA_READS, demo_key, new_stack, tracker_url
from peyk.launcher.vendors import find_vendors
from tests.unit.ops.conftest import eventually, is_over

ROOT = Path(__file__).resolve().parents[3]

# In the place of both environments' Python: trains, seeds and serves as the real ones would be asked to.
FAKE_PYTHON = """#!{python}
import http.server, os, pathlib, sys
module, arguments = sys.argv[2], sys.argv[3:]
if module == "peyk.connector" and arguments[0] == "train":
    pathlib.Path("models", arguments[arguments.index("--fixed-model-name") + 1]).touch()
    sys.exit()
if module == "peyk" and arguments[0] == "operators":
    pathlib.Path(arguments[-1]).write_text("a-password")
    sys.exit()
if module == "peyk":
    pathlib.Path("seeded").open("a").write(" ".join(arguments) + "\\n")
    sys.exit(3 if pathlib.Path("seed-fails").exists() else 0)
if module == "tests.fakes":
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
port = os.environ["PEYK_PORT"] if module == "peyk.web" else arguments[arguments.index("--port") + 1]
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(port)), Healthy).serve_forever()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has what the launcher looks at, and stand-ins for its environments."""
    for environment in (".venv", ".venv-rasa"):
        python = tmp_path / environment / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(FAKE_PYTHON.format(python=sys.executable))
        python.chmod(0o755)
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").touch()
    (tmp_path / "domain.yml").touch()
    return tmp_path


@pytest.fixture
def servers(project: Path) -> Path:
    """The project, with the vendors' servers of the tests."""
    (project / "tests").symlink_to(ROOT / "tests")
    return project


def start(project: Path, port: int, *more: str) -> subprocess.Popen[str]:
    """Run `peyk demo` in the project."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PEYK_")}
    return subprocess.Popen(
        [sys.executable, "-m", "peyk", "demo", "--port", str(port), "--orders", "7", *more],
        cwd=project,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@contextmanager
def demo(project: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process], int]]:
    """Run `peyk demo` until it is ready; gives it, its children, and its port."""
    port = free_ports(1)[0]
    launcher = start(project, port, *more)
    try:
        assert eventually(lambda: (project / "var" / "demo.json").exists() or launcher.poll() is not None, 30)
        assert launcher.poll() is None, launcher.communicate()
        yield launcher, psutil.Process(launcher.pid).children(recursive=True), port
    finally:
        if launcher.poll() is None:
            launcher.kill()
        launcher.communicate(timeout=20)


def test_it_prints_each_step_and_where_it_is_and_ctrl_c_ends_all(project: Path) -> None:
    with demo(project) as (launcher, children, port):
        launcher.send_signal(signal.SIGINT)
        out, err = launcher.communicate(timeout=20)
    assert (launcher.returncode, err) == (0, "")
    assert re.findall(r"https?://\S+", out) == [f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/console"]
    assert "log in as demo, a-password" in out
    for step in ("training the model: done", "demo shop: done", "rasa is ready", "actions is ready", "edge is ready"):
        assert step in out
    assert (project / "seeded").read_text() == "seed --orders 7\n"
    assert len(children) == 4
    assert all(is_over(child.pid) for child in children)
    assert not (project / "var" / "demo.json").exists()


@pytest.mark.parametrize("own", ["", "PEYK_TELEGRAM_TOKEN=110201543:of-a-bot-of-ones-own\n"])
def test_without_a_bot_the_demo_is_its_own_telegram(project: Path, own: str) -> None:
    (project / ".env").write_text(own)
    with demo(project) as (_, children, _):
        edge = next(child for child in children if "peyk.web" in child.cmdline()).environ()
        told = [child for child in children if edge.get("PEYK_TELEGRAM_TOKEN", "none") in " ".join(child.cmdline())]
    apis = {name: value for name, value in edge.items() if name.startswith("PEYK_TELEGRAM")}
    if own:
        assert apis == {}
    else:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/demo/telegram", apis["PEYK_TELEGRAM_API"])
        assert apis["PEYK_TELEGRAM_TRUST_CONTACTS"] == "true"
        assert not told


@pytest.mark.parametrize("name", ["rasa", "actions", "edge"])
def test_the_death_of_any_child_ends_all_and_is_told_in_one_line(project: Path, name: str) -> None:
    word = {"rasa": "peyk.connector", "actions": "actions", "edge": "peyk.web"}[name]
    with demo(project) as (launcher, children, _):
        next(child for child in children if word in child.cmdline()).kill()
        _, err = launcher.communicate(timeout=20)
    assert launcher.returncode == 1
    assert err == f"peyk: {name} was ended by SIGKILL; its log is var/logs/{name}.log\n"
    assert all(is_over(child.pid) for child in children)


def test_a_second_demo_is_refused_and_does_not_disturb_the_first(project: Path) -> None:
    with demo(project) as (launcher, children, port):
        same_port = start(project, port)
        _, err = same_port.communicate(timeout=20)
        assert (same_port.returncode, len(err.splitlines())) == (2, 1)
        assert f"port {port} is busy" in err
        other_port = start(project, free_ports(1)[0])
        _, err = other_port.communicate(timeout=20)
        assert (other_port.returncode, len(err.splitlines())) == (2, 1)
        assert "is running already" in err
        assert launcher.poll() is None
        assert all(child.is_running() for child in children)
        assert (project / "seeded").read_text() == "seed --orders 7\n"


def test_a_failed_step_is_one_line_and_starts_nothing(project: Path) -> None:
    (project / "seed-fails").touch()
    launcher = start(project, free_ports(1)[0])
    out, err = launcher.communicate(timeout=30)
    assert launcher.returncode == 1
    assert err == "peyk: seed ended with exit code 3; its log is var/logs/seed.log\n"
    assert "is ready" not in out


def test_no_secret_is_on_a_command_line_or_readable_by_others(project: Path) -> None:
    with demo(project) as (_, children, _):
        state = json.loads((project / "var" / "demo.json").read_text())
        assert not [child for child in children if state["run_secret"] in " ".join(child.cmdline())]
        for name in (".", "demo.json", "secret.key"):
            assert (project / "var" / name).stat().st_mode & 0o077 == 0
        found = running(project / "var")
        assert found is not None
        assert found.url == state["url"]
    assert running(project / "var") is None


def test_the_demos_key_is_made_once(tmp_path: Path) -> None:
    key = demo_key(tmp_path)
    assert len(key) >= 32
    assert demo_key(tmp_path) == key


def test_one_demo_a_folder(tmp_path: Path) -> None:
    with (
        only_demo(tmp_path),
        pytest.raises(SettingsError, match="is running already: stop it first"),
        only_demo(tmp_path),
    ):
        pass
    with only_demo(tmp_path):
        pass


def test_each_stack_has_ports_and_a_secret_of_its_own(tmp_path: Path) -> None:
    one, two = (new_stack(tmp_path, tmp_path, tmp_path / "m.tar.gz", "k" * 32) for _ in range(2))
    assert one.run_secret != two.run_secret
    assert "run_secret" not in repr(one)
    assert len({one.edge_port, one.rasa_port, one.actions_port}) == 3
    assert one.env()["SANIC_HOST"] == LOOPBACK


def test_rasa_gets_no_key_and_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/shop")
    settings = {
        "PEYK_DATABASE_URL": "postgresql://peyk:hunter2@db/shop",
        "PEYK_REDIS_URL": "redis://:hunter3@cache",
        "PEYK_TRACKER_URL": "postgresql+psycopg2://rasa:pass@db/rasa",
        "PEYK_ORDER_PREFIX": "AB-",
        "PEYK_ORDER_DIGITS": "4-7",
        "PEYK_ORDER_SUFFIX": "-IR",
        "PEYK_RASA_SPEEDUPS": "0",
        "PEYK_ENCODER_DIR": "/srv/encoder",
        "PEYK_ACTION_TIMEOUT_S": "9",
        "PEYK_NEXT_SECRET": "hunter4",
    }
    stack = new_stack(tmp_path, tmp_path, tmp_path / "m.tar.gz", "k" * 32, extra_env=settings)
    given = stack.program("rasa").env
    assert {name for name in given if name.startswith("PEYK_")} == RASA_READS
    assert {name: given[name] for name in settings if name in RASA_READS} == {
        name: value for name, value in settings.items() if name in RASA_READS
    }
    assert given["PEYK_RUN_SECRET"] == stack.run_secret
    assert (given["HOME"], given["RASA_TELEMETRY_ENABLED"]) == ("/home/shop", "false")
    assert not {"k" * 32, "hunter4", *(settings[f"PEYK_{name}_URL"] for name in ("DATABASE", "REDIS"))} & {
        *given.values()
    }


@pytest.mark.parametrize("name", ["actions", "edge"])
def test_the_others_get_the_whole_environment(tmp_path: Path, name: str) -> None:
    stack = new_stack(tmp_path, tmp_path, tmp_path / "m", "k" * 32, extra_env={"PEYK_REDIS_URL": "redis://cache"})
    given = stack.program(name).env
    assert (given["PEYK_SECRET_KEY"], given["PEYK_REDIS_URL"]) == ("k" * 32, "redis://cache")


def test_whatever_rasas_side_reads_it_gets() -> None:
    folders = (ROOT / "peyk/connector", ROOT / "peyk/nlu", ROOT / "peyk/text")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    files += [ROOT / name for name in ("config.yml", "endpoints.yml", "credentials.yml")]
    named = {name for file in files for name in re.findall(r"PEYK_[A-Z_]+", file.read_text(encoding="utf-8"))}
    assert named == RASA_READS


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::"])
def test_the_url_of_an_edge_for_everybody_is_this_machine(tmp_path: Path, host: str) -> None:
    stack = new_stack(tmp_path, tmp_path, tmp_path / "m", "k" * 32, edge_host=host, edge_port=8080)
    assert stack.url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("database", "tracker"),
    [
        ("", "sqlite:////srv/peyk/rasa.db"),
        ("sqlite:////srv/peyk/peyk.db", "sqlite:////srv/peyk/rasa.db"),
        ("postgresql://peyk@db/shop", "postgresql+psycopg2://peyk@db/shop"),
        ("postgresql+psycopg://peyk@db/shop", "postgresql+psycopg2://peyk@db/shop"),
    ],
)
def test_rasa_keeps_conversations_beside_the_store(database: str, tracker: str) -> None:
    assert tracker_url(database, Path("/srv/peyk")) == tracker


def test_vendors_servers_stand_behind_the_demo(servers: Path) -> None:
    with demo(servers, "--vendor", "Tipax, kavenegar،postex,tipax") as (launcher, children, _):
        edge = next(child for child in children if "peyk.web" in child.cmdline()).environ()
        found = {name: edge[f"PEYK_{name.upper()}_URL"] for name in ("tipax", "kavenegar", "postex")}
        for url in found.values():
            assert "slow" in httpx.get(f"{url}/_fault", timeout=5, trust_env=False).json()["faults"]
        launcher.send_signal(signal.SIGINT)
        out, err = launcher.communicate(timeout=20)
    assert (launcher.returncode, err) == (0, "")
    assert (edge["PEYK_CARRIERS"], edge["PEYK_SMS"], edge["PEYK_DEMO_CARRIERS"]) == (
        "tipax,postex",
        "kavenegar",
        "true",
    )
    assert edge["PEYK_POSTEX_CARRIER"] == "post"
    assert not {"PEYK_SHOP", "PEYK_PAYMENTS"} & set(edge)
    for name, url in found.items():
        (line,) = [line for line in out.splitlines() if line.strip().startswith(f"{name} ")]
        assert line.endswith(f"""break it: curl -d '{{"fault": "slow"}}' {url}/_fault""")
    assert all(is_over(child.pid) for child in children)


def test_a_shops_orders_are_read_before_it_is_ready(servers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    found = find_vendors(servers, servers / "var", ["woocommerce", "zarinpal"])
    stack = new_stack(servers, servers / "var", servers / "m", "k" * 32, extra_env=found.settings)
    assert found.has_shop
    assert not find_vendors(servers, servers / "var", ["zarinpal"]).has_shop
    filling, serving = found.filling(stack), found.program(stack)
    assert filling.command[-2:] == ("shop", "fill")
    assert filling.env["PEYK_SHOP"] == serving.env["PEYK_SHOP"] == "woocommerce"
    assert filling.env["PEYK_WOOCOMMERCE_TABLES"] == str(servers / "var/vendors/woocommerce.yml")
    assert not [word for word in serving.command if found.settings["PEYK_WOOCOMMERCE_SECRET"] in word]
    assert found.settings["PEYK_WOOCOMMERCE_SECRET"] not in repr(found)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("tipax,pishtaz", "peyk: there is no vendor `pishtaz` for the demo; there are: 17track, chapar, dhl, "),
        ("shopify,magento", "peyk: the demo has one shop at a time: choose one of shopify, magento"),
    ],
)
def test_vendors_that_do_not_go_are_one_line_and_start_nothing(servers: Path, names: str, line: str) -> None:
    launcher = start(servers, free_ports(1)[0], "--vendor", names)
    out, err = launcher.communicate(timeout=30)
    assert (launcher.returncode, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(line)
    assert not (servers / "seeded").exists()


def test_without_the_tests_servers_it_is_one_line(project: Path) -> None:
    launcher = start(project, free_ports(1)[0], "--vendor", "tipax")
    _, err = launcher.communicate(timeout=30)
    assert launcher.returncode == 2
    assert err == "peyk: --vendor needs the tests' servers (tests/fakes): run it in a checkout of Peyk\n"
