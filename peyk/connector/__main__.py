"""`python -m peyk.connector <rasa command …>`: Rasa's own command line, started faster and sped up."""

from __future__ import annotations

import os
import sys

# Before Rasa: it halves the time until the server is ready.
import skops.io  # noqa: F401


def with_auth_token(arguments: list[str], secret: str) -> list[str]:
    """Return `rasa run …` with the run secret as the token of Rasa's own HTTP API; other commands as they are.

    Added here, so that the secret never stands on a command line other users of the machine can read.
    """
    serves = arguments[:1] == ["run"] and arguments[1:2] != ["actions"]
    if not serves or not secret or any(a.split("=")[0] == "--auth-token" for a in arguments):
        return arguments
    return [*arguments, f"--auth-token={secret}"]


def main() -> None:
    """Put the speed-ups in place and hand over to Rasa's command line."""
    from peyk.connector import designers, speedups

    speedups.apply()
    if sys.argv[1:2] and sys.argv[1] in designers.COMMANDS:
        designers.install()
    sys.argv[1:] = with_auth_token(sys.argv[1:], os.environ.get("PEYK_RUN_SECRET", ""))

    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
