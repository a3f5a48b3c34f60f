"""`make validate`: `rasa data validate`, without the warnings that are no news here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from peyk.launcher.console import say
from peyk.launcher.processes import LaunchError
from peyk.launcher.stack import QUIET, RASA_PYTHON, for_rasa

WARNING = re.compile(r"UserWarning: (.+)")
# Actions say the responses, so no story does; intents of buttons have no examples, nobody types them.
EXPECTED = re.compile(
    r"The utterance '\w+' is not used in any|The intent 'press_\w+' is listed in the domain file, but"
)


def validate(root: Path) -> None:
    """Check domain, examples, rules and stories. Raises LaunchError when Rasa finds an error or an unknown warning."""
    done = subprocess.run(
        [str(root / RASA_PYTHON), "-m", "peyk.connector", "data", "validate"],
        cwd=root,
        env={**for_rasa(os.environ), **QUIET, "PEYK_RUN_SECRET": "unused"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    news = [text for text in WARNING.findall(done.stdout) if not EXPECTED.match(text)]
    if done.returncode:
        # What Rasa says last is the error.
        news += [line for line in done.stdout.splitlines() if line.strip()][-12:]
    for line in news:
        say(f"  {line}")
    if news:
        raise LaunchError("the Rasa project has errors or warnings, see above")
    say("the Rasa project is valid")
