"""What the documents tell to type and to write into files works as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from peyk.cli import app
from tests.unit.test_docs import DOCUMENTS, OPERATIONS, ROOT

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\.venv/bin/python -m peyk ([^\n`|;]*)|`peyk ([a-z][^`]*)`")
OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
# Read alike by a shell (`. ./peyk.env`) and by systemd, to which a remark after the value is part of it.
ASSIGNMENT = re.compile(r'[A-Z_]+=("[^"$`\\]*"|[^\s"\'#$`\\;&|<>()]*)')
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def fenced(path: Path, *languages: str) -> list[str]:
    """Return the blocks of a document in some languages."""
    found = FENCED.findall(path.read_text(encoding="utf-8"))
    return [block for language, block in found if language in languages]


def unknown(words: list[str]) -> str:
    """Return what the command line would not know of a command, empty when it knows all of it."""
    # Typer's own commands, not click's: groups are those that have commands.
    here: Any = typer.main.get_command(app)
    for word in words:
        if not hasattr(here, "commands"):
            break
        if word not in here.commands:
            return word
        here = here.commands[word]
    known = {name for parameter in here.params for name in parameter.opts} | {"--help"}
    return ", ".join(option for option in OPTION.findall(" ".join(words)) if option not in known)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documented_commands_exist(path: Path) -> None:
    written = [one or other for one, other in COMMAND.findall(path.read_text(encoding="utf-8"))]
    wrong = {words: unknown(words.partition(" #")[0].split()) for words in written if words != "…"}
    assert {words: what for words, what in wrong.items() if what} == {}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_settings_are_read_alike_by_shell_and_systemd(path: Path) -> None:
    blocks = [block for block in fenced(path, "sh") if re.match(r" *(#.*\n *)?[A-Z_]+=", block)]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    assert [line for line in lines if not line.startswith("#") and not ASSIGNMENT.fullmatch(line)] == []


def test_the_site_for_nginx_is_one_nginx_takes(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("no nginx: apt-get install nginx")
    (site,) = fenced(OPERATIONS, "nginx")
    (openssl,) = (block for block in fenced(OPERATIONS, "sh") if block.startswith("openssl "))
    subprocess.run(["sh", "-ec", openssl], cwd=tmp_path, check=True, capture_output=True)
    site = re.sub(r"/etc/ssl/(certs|private)/", f"{tmp_path}/", site).replace("listen 443", "listen 127.0.0.1:18443")
    temporary = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary} {site} }}", encoding="utf-8"
    )
    told = subprocess.run(
        [NGINX, "-t", "-q", "-e", "stderr", "-p", str(tmp_path), "-c", "nginx.conf"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
