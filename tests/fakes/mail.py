"""A mail server on a real socket: TLS, logins, what it takes and what it refuses, and faults on command."""

from __future__ import annotations

import asyncio
import logging
import ssl
import subprocess
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "shop@peyk.example", "p4ss-7h2k9s-w0rd"

# It writes down every line it gets; what is looked for in logs is ours.
logging.getLogger("mail").setLevel(logging.CRITICAL)


@cache
def certificate() -> tuple[Path, Path]:
    """A certificate of this machine, made anew for each run, and its key."""
    folder = Path(mkdtemp())
    made, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=peyk"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )
    return made, key


class FakeMailServer:
    """Takes mails of USER.

    `refuse` is what a command is answered with (`{"RCPT": "550 no such user"}`; `content` is the mail itself), `reset`
    which one breaks the line, `stall` which one is never answered. `commands` is what was said after the login.
    """

    def __init__(self, *, tls: bool = False, starttls: bool = True) -> None:
        self.refuse: dict[str, str] = {}
        self.reset = self.stall = ""
        self.commands: list[str] = []
        self.logins = 0
        self.mails: list[tuple[str, EmailMessage]] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        self._socket_tls = context if tls else None
        self._command_tls = context if starttls and not tls else None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> FakeMailServer:
        self._thread.start()
        listening = self._loop.create_server(self._made, "127.0.0.1", 0, ssl=self._socket_tls)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self.port = int(server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(10)

    def _end(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    def _made(self) -> SMTP:
        return _Server(
            self,
            hostname="mail.peyk.example",
            loop=self._loop,
            tls_context=self._command_tls,
            authenticator=self._authenticate,
            auth_required=True,
            auth_require_tls=self._command_tls is not None,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins += 1
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.commands.append("content")
        if answer := self.refuse.get("content"):
            return answer
        message = message_from_bytes(cast("bytes", envelope.content), policy=default)
        self.mails.append((envelope.rcpt_tos[0], message))
        return "250 taken"


class _Server(SMTP):
    """Says what it was told to in the place of its own answers."""

    def __init__(self, fake: FakeMailServer, **more: Any) -> None:
        super().__init__(fake, **more)
        self._fake = fake
        self._smtp_methods = {name: self._watched(name, usual) for name, usual in self._smtp_methods.items()}

    def _watched(self, name: str, usual: Any) -> Any:
        async def command(argument: str) -> None:
            fake = self._fake
            if name not in {"EHLO", "HELO", "STARTTLS", "AUTH"}:
                fake.commands.append(name)
            if fake.reset == name:
                cast("asyncio.Transport", self.transport).abort()
            elif fake.stall == name:
                await asyncio.Event().wait()
            elif name in fake.refuse:
                await self.push(fake.refuse[name])
            else:
                await usual(argument)

        return command
