"""Children are started, watched and ended; none outlives the launcher."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from peyk.launcher.processes import ChildDied, LaunchError, NotReady, Program, StopFlag, Stopped, Supervisor
from tests.unit.ops.conftest import SERVER, eventually, grandchild_of, is_over, make_program

DIES_AT_ONCE = "import sys; print('no such table'); sys.exit(3)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("serving", flush=True)
time.sleep(600)
"""
# A launcher of its own, to be killed: starts what `make demo` would and waits.
LAUNCHER = """
import sys
from pathlib import Path
from peyk.launcher.processes import StopFlag, Supervisor
from tests.unit.ops.conftest import make_program
folder = Path(sys.argv[1])
stop = StopFlag().install()
with Supervisor(folder) as processes:
    for name in ("one", "two"):
        child = processes.start(make_program(folder, name, *SOURCES[name]))
        print(child.process.pid, flush=True)
    for name in ("one", "two"):
        if name not in UNREADY: processes.wait_ready(name, 20)
    print("ready", flush=True)
    processes.watch(stop)
print("clean", flush=True)
"""


def start_launcher(folder: Path, *, stubborn: bool = False) -> tuple[subprocess.Popen[str], list[int]]:
    """Run LAUNCHER; return it with the ids of its two children when it is ready."""
    head = "from tests.unit.ops.conftest import SERVER\nfrom tests.unit.ops.test_processes import STUBBORN\n"
    second = "(STUBBORN,)" if stubborn else '(SERVER, "--with-grandchild")'
    head += f'SOURCES = {{"one": (SERVER, "--with-grandchild"), "two": {second}}}\n'
    head += f"UNREADY = {{'two'}} if {stubborn} else set()\n"
    launcher = subprocess.Popen(
        [sys.executable, "-c", head + LAUNCHER, str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert launcher.stdout is not None
    children = [int(launcher.stdout.readline()) for _ in range(2)]
    assert launcher.stdout.readline() == "ready\n"
    return launcher, children


def test_a_program_becomes_ready_and_its_output_is_in_its_log(tmp_path: Path, processes: Supervisor) -> None:
    program = make_program(tmp_path, "rasa")
    child = processes.start(program)
    processes.wait_ready("rasa", 20)
    processes.check()
    assert child.is_ready()
    assert eventually(lambda: program.log.read_text() == "serving\n")


def test_the_death_of_a_child_names_it_its_end_and_its_log(tmp_path: Path, processes: Supervisor) -> None:
    processes.start(make_program(tmp_path, "actions"))
    processes.start(make_program(tmp_path, "rasa", DIES_AT_ONCE))
    with pytest.raises(ChildDied, match=r"^rasa ended with exit code 3; its log is logs/rasa\.log$"):
        processes.wait_ready("actions", 20)
        processes.watch(StopFlag())


def test_a_killed_child_is_reported_by_its_signal(tmp_path: Path, processes: Supervisor) -> None:
    child = processes.start(make_program(tmp_path, "edge"))
    child.kill()
    with pytest.raises(ChildDied, match="edge was ended by SIGKILL"):
        processes.watch(StopFlag())


def test_the_death_of_one_ends_all_with_their_children(tmp_path: Path) -> None:
    program = make_program(tmp_path, "one", SERVER, "--with-grandchild")
    with pytest.raises(ChildDied), Supervisor(tmp_path) as processes:
        one = processes.start(program)
        grandchild = grandchild_of(program)
        processes.start(make_program(tmp_path, "two", DIES_AT_ONCE))
        processes.watch(StopFlag())
    assert one.ended
    assert eventually(lambda: is_over(grandchild))


def test_a_program_that_never_answers_is_not_ready(tmp_path: Path, processes: Supervisor) -> None:
    processes.start(make_program(tmp_path, "edge", ready_path="/never"))
    with pytest.raises(NotReady, match="edge did not answer within 0 s; its log is"):
        processes.wait_ready("edge", 0.3)


def test_a_missing_program_is_one_line(tmp_path: Path, processes: Supervisor) -> None:
    program = Program("rasa", ("./no-such-python",), {}, tmp_path, tmp_path / "rasa.log")
    with pytest.raises(LaunchError, match="rasa cannot start: No such file or directory"):
        processes.start(program)


def test_a_program_that_fails_to_its_end_is_an_error(tmp_path: Path, processes: Supervisor) -> None:
    with pytest.raises(ChildDied, match="training ended with exit code 3"):
        processes.run(make_program(tmp_path, "training", DIES_AT_ONCE))
    processes.check()


def test_stop_is_heard_while_something_is_waited_for(tmp_path: Path, processes: Supervisor) -> None:
    stop = StopFlag()
    stop.signal = signal.SIGINT
    child = processes.start(make_program(tmp_path, "edge", ready_path="/never"))
    with pytest.raises(Stopped):
        processes.wait_ready("edge", 20, stop)
    with pytest.raises(Stopped):
        processes.run(make_program(tmp_path, "training"), stop)
    assert not child.ended


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    launcher, children = start_launcher(tmp_path)
    launcher.send_signal(number)
    out, _ = launcher.communicate(timeout=20)
    assert out == "clean\n"
    assert launcher.returncode == 0
    assert all(is_over(child) for child in children)


def test_a_killed_launcher_leaves_no_orphans(tmp_path: Path) -> None:
    launcher, children = start_launcher(tmp_path, stubborn=True)
    grandchild = next(
        int(line.partition("=")[2])
        for line in (tmp_path / "logs" / "one.log").read_text().splitlines()
        if line.startswith("grandchild=")
    )
    launcher.kill()
    launcher.communicate(timeout=20)
    assert eventually(lambda: all(is_over(pid) for pid in (*children, grandchild)))


def test_the_death_of_the_guard_ends_all(tmp_path: Path) -> None:
    guards_before = set(psutil.Process().children())
    with pytest.raises(ChildDied, match="the guard of the processes is gone"), Supervisor(tmp_path) as processes:
        (guard,) = set(psutil.Process().children()) - guards_before
        child = processes.start(make_program(tmp_path, "one"))
        guard.kill()
        processes.watch(StopFlag())
    assert child.ended


def test_a_child_ended_on_purpose_is_not_missed(tmp_path: Path, processes: Supervisor) -> None:
    processes.start(make_program(tmp_path, "one"))
    processes.start(make_program(tmp_path, "two"))
    processes.kill("one")
    processes.end("two")
    processes.check()


def test_a_secret_is_not_in_a_programs_representation(tmp_path: Path) -> None:
    program = Program(
        "rasa", ("python",), {"PEYK_RUN_SECRET": "s3cret"}, tmp_path, tmp_path / "log", 1, "/status?token=s3cret"
    )
    assert "s3cret" not in repr(program)
