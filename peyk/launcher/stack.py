"""The processes of one Peyk and their environment: actions, Rasa, edge.

The demo, the terminal chat, the benchmark and the conversation tests all start these same programs.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peyk.launcher.ports import LOOPBACK, free_ports
from peyk.launcher.processes import Program

RASA_PYTHON = ".venv-rasa/bin/python"
APP_PYTHON = ".venv/bin/python"
NAMES = ("rasa", "actions", "edge")
READY_TIMEOUT_S = 120.0
SECRET_BYTES = 32
DEMO_LOGIN = "demo"
# All that Rasa reads of Peyk's settings. It sees whatever customers type and has no use for the key that signs the
# audit, nor for the shop's database.
RASA_READS = frozenset(
    {
        "PEYK_RUN_SECRET",
        "PEYK_ACTION_URL",
        "PEYK_TRACKER_URL",
        "PEYK_ORDER_PREFIX",
        "PEYK_ORDER_DIGITS",
        "PEYK_ORDER_SUFFIX",
        "PEYK_ACTION_TIMEOUT_S",
        "PEYK_RASA_SPEEDUPS",
        "PEYK_ENCODER_DIR",
    }
)
ANY_HOST = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  recognised, not bound

# No telemetry, no GPU search, no chatter; every listener on loopback unless the edge is told otherwise.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SANIC_HOST": LOOPBACK,
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the processes of one Peyk listen and what they share."""

    root: Path
    data_dir: Path
    model: Path
    edge_port: int
    rasa_port: int
    actions_port: int
    run_secret: str = field(repr=False)
    secret_key: str = field(repr=False)
    edge_host: str = LOOPBACK
    extra_env: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """The edge's URL on this machine."""
        host = LOOPBACK if self.edge_host in ANY_HOST else self.edge_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.edge_port}"

    @property
    def rasa_url(self) -> str:
        """Rasa's URL, on loopback."""
        return f"http://{LOOPBACK}:{self.rasa_port}"

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.data_dir / "logs"

    def env(self) -> dict[str, str]:
        """Return the whole environment, as the edge, the action server and the seeding get it."""
        inherited = {**os.environ, **self.extra_env}
        return {
            **inherited,
            **QUIET,
            "PEYK_RUN_SECRET": self.run_secret,
            "PEYK_SECRET_KEY": self.secret_key,
            "PEYK_DATA_DIR": str(self.data_dir),
            "PEYK_HOST": self.edge_host,
            "PEYK_PORT": str(self.edge_port),
            "PEYK_RASA_URL": self.rasa_url,
            "PEYK_ACTION_URL": f"http://{LOOPBACK}:{self.actions_port}/webhook",
            "PEYK_TRACKER_URL": inherited.get("PEYK_TRACKER_URL")
            or tracker_url(inherited.get("PEYK_DATABASE_URL", ""), self.data_dir),
        }

    def rasa_env(self) -> dict[str, str]:
        """Return the part of the environment Rasa gets."""
        return for_rasa(self.env())

    def program(self, name: str) -> Program:
        """Return one of the programs by its name: `rasa`, `actions` or `edge`."""
        command, port, ready_path = {
            "rasa": (self._rasa(), self.rasa_port, f"/status?token={self.run_secret}"),
            "actions": (
                (str(self.root / APP_PYTHON), "-m", "actions", "--port", str(self.actions_port)),
                self.actions_port,
                "/health",
            ),
            "edge": ((str(self.root / APP_PYTHON), "-m", "peyk.web"), self.edge_port, "/readyz"),
        }[name]
        return Program(
            name=name,
            command=command,
            env=self.rasa_env() if name == "rasa" else self.env(),
            cwd=self.root,
            log=self.logs / f"{name}.log",
            port=port,
            ready_path=ready_path,
        )

    @property
    def console_password(self) -> Path:
        """The file with the password of the demo's operator."""
        return self.data_dir / "console.password"

    def operator(self) -> Program:
        """Return the program that makes the demo's operator."""
        command = (str(self.root / APP_PYTHON), "-m", "peyk", "operators", "demo", str(self.console_password))
        return Program(name="operator", command=command, env=self.env(), cwd=self.root, log=self.logs / "operator.log")

    def seeding(self, orders: int | None = None) -> Program:
        """Return the program that brings the database up to date and fills the demo shop."""
        further = () if orders is None else ("--orders", str(orders))
        command = (str(self.root / APP_PYTHON), "-m", "peyk", "seed", *further)
        return Program(name="seed", command=command, env=self.env(), cwd=self.root, log=self.logs / "seed.log")

    def _rasa(self) -> tuple[str, ...]:
        # The token Rasa's own HTTP API wants is added by `peyk.connector` from the environment: a command line
        # is readable by every user of the machine.
        return (
            str(self.root / RASA_PYTHON), "-m", "peyk.connector", "run", "--enable-api",
            "--interface", LOOPBACK, "--port", str(self.rasa_port), "--model", str(self.model),
            "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
        )  # fmt: skip


def new_stack(
    root: Path,
    data_dir: Path,
    model: Path,
    secret_key: str,
    *,
    edge_host: str = LOOPBACK,
    edge_port: int = 0,
    extra_env: Mapping[str, str] | None = None,
) -> Stack:
    """Return a stack on free loopback ports with a run secret of its own; `edge_port` 0 takes a free one too."""
    rasa_port, actions_port, free_port = free_ports(3)
    return Stack(
        root=root,
        data_dir=data_dir,
        model=model,
        edge_host=edge_host,
        edge_port=edge_port or free_port,
        rasa_port=rasa_port,
        actions_port=actions_port,
        run_secret=secrets.token_urlsafe(SECRET_BYTES),
        secret_key=secret_key,
        extra_env=extra_env or {},
    )


def demo_telegram() -> dict[str, str]:
    """Return the settings of a demo that is its own Telegram: a bot of this run at a free port, on loopback.

    The edge serves that API itself (`peyk.web.demo_bot`) and speaks to it as to the real one.
    """
    bot = secrets.randbelow(9 * 10**8) + 10**8
    return {
        "PEYK_TELEGRAM_TOKEN": f"{bot}:{secrets.token_urlsafe(SECRET_BYTES)}",
        "PEYK_TELEGRAM_API": f"http://{LOOPBACK}:{free_ports(1)[0]}/demo/telegram",
        "PEYK_TELEGRAM_WEBHOOK_URL": "",
        # It is ours, and knows whose number a contact is as well as Telegram does.
        "PEYK_TELEGRAM_TRUST_CONTACTS": "true",
    }


def for_rasa(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what Rasa gets of an environment: everything but Peyk's settings it does not read."""
    return {name: value for name, value in environment.items() if name in RASA_READS or not name.startswith("PEYK_")}


def tracker_url(database_url: str, data_dir: Path) -> str:
    """Return where Rasa keeps its conversations: the shop's PostgreSQL, or a SQLite file of its own.

    SQLite knows one writer at a time, so Rasa gets a file beside Peyk's. Rasa's SQLAlchemy 1.4 has psycopg2.
    """
    if database_url.startswith("postgres"):
        return "postgresql+psycopg2://" + database_url.partition("://")[2]
    return f"sqlite:///{(data_dir / 'rasa.db').absolute()}"


def demo_key(data_dir: Path) -> str:
    """Return the demo's secret key, made once and kept readable for its owner only.

    It outlives a run: the audit chain is signed with it.
    """
    path = private_folder(data_dir) / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(SECRET_BYTES)
        file.write(key)
    return key


def private_folder(path: Path) -> Path:
    """Make a folder only its owner can look into, and return it: customers' data lies there."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
