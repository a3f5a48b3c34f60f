"""`peyk shop import`: bad rows are named, good ones are in the index, and nothing comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ops.cli_steps import Run

MAPPING = """
money: rial
columns: {number: 'No', mobile: Phone, status: State, placed_at: Date, total: Sum}
statuses: {sent: shipped}
"""
FILE = """No,Phone,State,Date,Sum
TS-1,09121234567,sent,2026-11-20 10:00,100
TS-2,09121234567,sent,yesterday,100
TS-3,09121234567,sent,2026-11-20 10:00,100
"""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "mapping.yml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "my orders.csv").write_text(FILE, encoding="utf-8")
    folder = tmp_path / "orders"
    return {"shop": "csv", "csv_folder": str(folder), "csv_mapping": str(tmp_path / "mapping.yml")}


def test_a_file_is_imported_once(run: Run, settings: dict[str, str], tmp_path: Path) -> None:
    assert run("migrate", **settings).code == 0
    file = str(tmp_path / "my orders.csv")
    looked = run("shop", "import", file, "--check")
    assert (looked.code, looked.err) == (0, "peyk: line 3: placed_at is no time\n")
    assert looked.out == "my orders.csv: 2 orders can be read, 1 rows cannot\n"
    assert not Path(settings["csv_folder"]).exists()
    for _ in range(2):
        done = run("shop", "import", file)
        assert done.code == 0
        assert "the index has 2 orders of csv" in done.out
    assert [path.suffix for path in Path(settings["csv_folder"]).iterdir()] == [".csv"]


def test_a_file_without_orders_is_not_taken(run: Run, settings: dict[str, str], tmp_path: Path) -> None:
    run("migrate", **settings)
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = run("shop", "import", str(tmp_path / "x.csv"))
    assert done.code == 1
    assert "there is no column called" in done.err
    assert run("shop", "import", str(tmp_path / "none.csv")).code == 2


def test_other_shops_read_no_files(run: Run, tmp_path: Path) -> None:
    done = run("shop", "import", str(tmp_path / "x.csv"), shop="sql")
    assert done.code == 2
    assert "only `csv` reads files" in done.err
