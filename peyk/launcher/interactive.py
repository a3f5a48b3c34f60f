"""`make interactive`: Rasa's own `rasa interactive`, with the demo shop and the action server behind it."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress

from peyk.launcher.console import say, step
from peyk.launcher.demo import Plan, only_demo
from peyk.launcher.model import ensure_model
from peyk.launcher.processes import POLL_S, StopFlag, Stopped, Supervisor
from peyk.launcher.stack import RASA_PYTHON, READY_TIMEOUT_S, new_stack


def interactive(plan: Plan) -> int:
    """Run `rasa interactive` in this terminal and return its exit code."""
    stop = StopFlag().install()
    with suppress(Stopped), only_demo(plan.data_dir), Supervisor(plan.root) as processes:
        model = ensure_model(plan.root, processes, stop)
        stack = new_stack(plan.root, plan.data_dir, model, plan.secret_key)
        with step("demo shop"):
            processes.run(stack.seeding(plan.orders), stop)
        processes.start(stack.program("actions"))
        processes.wait_ready("actions", READY_TIMEOUT_S, stop)
        say("  what you teach is written to data/ when you choose to export it\n")
        # Ctrl-C is Rasa's (it opens the menu to export and quit); the flag keeps it from ending us.
        command = [
            str(plan.root / RASA_PYTHON), "-m", "peyk.connector", "interactive",
            "--model", str(model), "--endpoints", "endpoints.yml", "--port", str(stack.rasa_port),
            "--skip-visualization",
        ]  # fmt: skip
        with subprocess.Popen(command, cwd=plan.root, env=stack.rasa_env()) as rasa:
            while rasa.poll() is None:
                if stop.signal in {signal.SIGTERM, signal.SIGHUP}:
                    # It has no ear for SIGTERM while it asks; nothing is lost that was exported.
                    rasa.kill()
                time.sleep(POLL_S)
        return max(rasa.returncode, 0)
    return 0
