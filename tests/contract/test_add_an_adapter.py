"""docs/add-an-adapter.md is right: its package is built, installed, listed, used and checked as it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from peyk.launcher.install import find_uv
from tests.fakes.vendor_http import Answer, Call, FakeVendor

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "add-an-adapter.md"
BLOCK = re.compile(r"^<!-- ([^\n]+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CREATE = re.compile(r"create (\S+)")
KEY = "contract-7h2k9s"
CODE = "PZ0123456789"
# Settings of the one who runs the tests are none of the reader's.
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR")
USES_IT = """
import json, sys
from peyk.bootstrap import build
from peyk.bootstrap_systems import make_outside
from peyk.domain.conversations import Caller
from peyk.i18n import carrier_name
from peyk.settings import load_settings
app = build(load_settings())
carriers = make_outside(
    app.settings, app.engine, app.clock, app.gate, app.records.snapshots, lambda *_: ""
).carriers
answer = app.services.tracking.by_code(Caller("a reader's"), sys.argv[1])
parcel = answer.parcels[0] if answer.parcels else None
print(json.dumps({
    "carriers": sorted(carriers), "outcome": answer.outcome, "name": carrier_name("pishtaz", "en"),
    "status": parcel and parcel.tracking.status, "city": parcel and parcel.tracking.events[-1].city,
    "page": answer.page or (parcel and parcel.page),
}))
app.close()
"""
UNKNOWN_CODE = "PZ9999999999"


class FakePishtaz(FakeVendor):
    """The API the document describes, by the document's own example."""

    def refusal(self, call: Call) -> Answer | None:
        return None if call.headers.get("X-Api-Key") == KEY else Answer(401, {"error": "bad key"})

    def handle(self, call: Call) -> Answer:
        if call.path != f"/parcels/{CODE}":
            return Answer(404, {"error": "no such parcel"})
        (example,) = re.findall(r"^```json\n(.*?)^```$", text(), re.MULTILINE | re.DOTALL)
        return Answer(200, json.loads(example))


@dataclass(frozen=True)
class Reader:
    """Somebody who follows the document: a home of their own, Peyk's folder, no internet."""

    home: Path
    url: str

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {"HOME": str(self.home), "UV_OFFLINE": "1", "PEYK_DATA_DIR": str(self.home / "var")}
        uv = find_uv(ROOT)
        assert uv is not None, "uv is what builds the environments"
        own["PATH"] = f"{Path(uv).parent}:{inherited['PATH']}"
        return subprocess.run(
            ["bash", "-euc", script],
            cwd=ROOT,
            env={**inherited, **own, "PEYK_PISHTAZ_URL": self.url, **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def peyk(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a block of commands after the block of settings."""
        return self.run(the_block("settings").replace("\u2026", KEY) + the_block(name), **env)

    def package(self, name: str, source: str) -> None:
        """Install a package with an adapter beside the one of the document."""
        site = self.home / "peyk-adapters"
        folder = site / f"{name}-1.0.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[peyk.adapters]\n{name} = {name}_for_peyk:PLUGIN\n")
        (site / f"{name}_for_peyk.py").write_text(source)

    def python(self, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = the_block("settings").replace("\u2026", KEY)
        return self.run(f"{settings}.venv/bin/python - {' '.join(arguments)} <<'END'\n{source}\nEND\n")


def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def the_block(order: str) -> str:
    (body,) = [body for named, body in BLOCK.findall(text()) if named == order]
    return str(body)


@pytest.fixture(scope="module")
def vendor() -> Iterator[FakePishtaz]:
    with FakePishtaz(KEY) as server:
        yield server


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, vendor: FakePishtaz) -> Reader:
    """Somebody who has Peyk with its database, and has done steps 1 to 5."""
    home = tmp_path_factory.mktemp("reader")
    for order, body in BLOCK.findall(text()):
        if created := CREATE.fullmatch(order):
            path = home / created[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
    made = Reader(home, vendor.url)
    done = made.run(f".venv/bin/python -m peyk migrate\n{the_block('run')}")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def broken(reader: Reader) -> Reader:
    """The same with a package beside it that cannot be imported."""
    reader.package("broken", "raise RuntimeError('written for another version')\n")
    return reader


def test_every_marked_block_says_what_to_do_with_it() -> None:
    orders = [order for order, _ in BLOCK.findall(text())]
    assert text().count("<!--") == len(orders)
    assert len([order for order in orders if CREATE.fullmatch(order)]) == 4
    assert [order for order in orders if not CREATE.fullmatch(order)] == [
        "run",
        "settings",
        "run: listed",
        "run: checked",
    ]


def test_it_is_listed_with_its_settings(reader: Reader) -> None:
    listed = reader.peyk("run: listed")
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    (line,) = [number for number, each in enumerate(lines) if "pishtaz " in each]
    assert lines[line].split(maxsplit=3) == ["*", "carrier", "pishtaz", "Pishtaz, by its web service"]
    own = "\n".join(lines[line + 1 :])
    assert re.search(r"PEYK_PISHTAZ_KEY +the key of your contract \(must be set\)", own)
    assert re.search(r"PEYK_PISHTAZ_PACE +how often it may be asked", own)
    assert KEY not in listed.stdout


def test_its_settings_are_shown_and_it_is_examined(reader: Reader, vendor: FakePishtaz) -> None:
    examined = reader.peyk("run: checked", PEYK_PISHTAZ_SAMPLE=CODE)
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "PEYK_PISHTAZ_KEY=***" in examined.stdout
    assert f"PEYK_PISHTAZ_URL={vendor.url}" in examined.stdout
    (line,) = [each for each in examined.stdout.splitlines() if each.startswith("ok ")]
    assert "reachable; credentials taken; clock" in line
    assert line.endswith("read: in_transit")
    assert KEY not in examined.stdout + examined.stderr


def test_customers_are_answered_out_of_it(reader: Reader) -> None:
    used = reader.python(USES_IT, CODE)
    assert used.returncode == 0, used.stderr
    assert json.loads(used.stdout.splitlines()[-1]) == {
        "carriers": ["pishtaz"],
        "outcome": "found",
        "name": "Pishtaz",
        "status": "in_transit",
        "city": "Tehran",
        "page": f"https://pishtaz.example/track/{CODE}",
    }
    # Not a word of an adapter that fails.
    assert "adapter.failed" not in used.stdout + used.stderr


def test_customers_are_told_what_it_does_not_know(reader: Reader) -> None:
    used = reader.python(USES_IT, UNKNOWN_CODE)
    assert used.returncode == 0, used.stderr
    assert json.loads(used.stdout.splitlines()[-1])["outcome"] == "not_found"


def test_a_setting_that_is_missing_is_one_line(reader: Reader) -> None:
    script = "export PYTHONPATH=~/peyk-adapters\n.venv/bin/python -m peyk settings check >/dev/null"
    wrong = reader.run(script, PEYK_CARRIERS="pishtaz")
    assert (wrong.returncode, wrong.stderr) == (2, "peyk: PEYK_PISHTAZ_KEY: must be set\n")


def test_a_broken_package_is_named_and_stops_nothing(broken: Reader) -> None:
    listed = broken.peyk("run: listed")
    assert listed.returncode == 0, listed.stderr
    (line,) = [each for each in listed.stdout.splitlines() if each.startswith("!")]
    assert line.split(maxsplit=2) == ["!", "broken", "cannot be loaded: RuntimeError: written for another version"]
    assert "pishtaz" in listed.stdout
    assert broken.python(USES_IT, CODE).returncode == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {}[settings.secret]", "cannot be made: KeyError in careless_for_peyk.py, line 2"),
        ("raise SystemExit('my key is 1234')", "cannot be made: SystemExit in careless_for_peyk.py, line 2"),
        ("import json; json.loads('{')", "cannot be made: JSONDecodeError in careless_for_peyk.py, line 2"),
        ("return None", "makes no Carrier: NoneType has no id, page, recognises, track"),
        ("return Secretive()", "cannot be made: RuntimeError in careless_for_peyk.py, line 6"),
    ],
)
def test_an_adapter_that_cannot_be_made_is_one_line(reader: Reader, body: str, said: str) -> None:
    source = f"""def make(settings, parts):
    {body}
class Secretive:
    @property
    def id(self):
        raise RuntimeError("my key is 1234")
from peyk.adapters.kit import AdapterSettings, CarrierSettings, Plugin, SystemKind
class Own(CarrierSettings):
    secret: str = "of-mine"
PLUGIN = Plugin("careless", SystemKind.CARRIER, "Careless", Own, make, make)
"""
    reader.package("careless", source)
    script = "export PYTHONPATH=~/peyk-adapters\n.venv/bin/python -m actions --port 1"
    started = reader.run(script, PEYK_CARRIERS="careless")
    assert (started.returncode, started.stderr) == (1, f"peyk: the adapter `careless` {said}\n")
    assert "1234" not in started.stdout


def test_a_broken_package_that_is_used_is_one_line(broken: Reader) -> None:
    examined = broken.peyk("run: checked", PEYK_SMS="broken")
    assert examined.returncode == 2
    assert examined.stderr == (
        "peyk: the adapter `broken` cannot be loaded: RuntimeError: written for another version\n"
    )
