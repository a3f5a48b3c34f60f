"""Speaks SMTP to one mail server (RFC 5321, 3207, 4954); no meaning.

A mail is always four answers after the sender was taken, whether it is sent, refused, or never was to be: whoever
asked for a code must not learn from the time it took whether the shop knows an address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum
from pathlib import Path
from time import monotonic

from pydantic import SecretStr

from peyk.errors import AccessRefused, BadAnswer, ExternalError, SettingsError, Unavailable

SYSTEM = "smtp"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Stricter than the RFC: nothing that could end a line or begin a command, nothing that needs quotes.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
MAX_ADDRESS = 254
# Answers that say no to our credentials (RFC 4954, 6).
ACCESS = frozenset({530, 534, 535, 538})


class Security(StrEnum):
    """How a conversation is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def is_address(text: str) -> bool:
    """Tell whether a mail can be sent there."""
    return len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None


class Conversation:
    """A conversation in which the server has taken our login and our sender."""

    def __init__(self, client: smtplib.SMTP, step: Callable[[], None]) -> None:
        self._client = client
        self._step = step

    def send(self, to: str, message: EmailMessage) -> bool:
        """Send a mail; False when it is not taken for this address, or nobody knows whether it is."""
        self._step()
        if self._client.rcpt(to)[0] not in {250, 251}:
            self._idle(2)
            return False
        self._step()
        try:
            code, _ = self._client.data(message.as_bytes(policy=SMTP_POLICY))
        except smtplib.SMTPDataError:
            self._idle(1)
            return False
        except (smtplib.SMTPServerDisconnected, OSError):
            # It may have the mail or not. To fail here would tell that the shop knows an address.
            return False
        return code == 250

    def pretend(self) -> None:
        """Send none, in as many steps."""
        self._idle(3)

    def _idle(self, steps: int) -> None:
        for _ in range(steps - 1):
            self._step()
            self._client.noop()
        self._step()
        self._client.rset()


class MailServer:
    """A mail server. Everything raises Unavailable, AccessRefused or BadAnswer."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        *,
        sender: str,
        user: str,
        password: SecretStr,
        ca_file: Path | None,
        deadline_s: float,
        allow_plain: bool,
    ) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        if security is Security.NONE and host not in LOOPBACK and not allow_plain:
            raise SettingsError("PEYK_SMTP_SECURITY: must be starttls or tls (none on this machine only)")
        if bool(user) != bool(password.get_secret_value()):
            raise SettingsError("PEYK_SMTP_USER and PEYK_SMTP_PASSWORD belong together")
        self._host = host
        self._port = port
        self._security = security
        self._sender = sender
        self._user = user
        self._password = password
        self._deadline_s = deadline_s
        try:
            self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        except (OSError, ssl.SSLError) as exc:
            raise SettingsError(f"PEYK_SMTP_CA_FILE: cannot be read ({type(exc).__name__})") from None

    @contextmanager
    def conversation(self) -> Iterator[Conversation]:
        """Log in, name the sender, and say goodbye at the end."""
        failure: ExternalError
        try:
            with self._connected() as (client, step):
                yield Conversation(client, step)
                return
        # What the library raises, with the server's words and our login in it, is nobody's context.
        except smtplib.SMTPResponseException as exc:
            failure = _refused(exc.smtp_code)
        except smtplib.SMTPNotSupportedError:
            failure = BadAnswer(SYSTEM, "the server does not offer what the settings ask for (starttls, a login)")
        except (smtplib.SMTPException, OSError, ValueError) as exc:
            failure = Unavailable(SYSTEM, type(exc).__name__)
        raise failure

    @contextmanager
    def _connected(self) -> Iterator[tuple[smtplib.SMTP, Callable[[], None]]]:
        until = monotonic() + self._deadline_s
        # The machine's own name is nobody's business; servers want one that could be a domain.
        name = self._sender.partition("@")[2]
        client = (
            smtplib.SMTP_SSL(self._host, self._port, name, timeout=self._deadline_s, context=self._tls)
            if self._security is Security.TLS
            else smtplib.SMTP(self._host, self._port, name, timeout=self._deadline_s)
        )

        def step() -> None:
            """Leave the next answer what is left of the deadline."""
            if client.sock is None:
                raise smtplib.SMTPServerDisconnected("closed")
            client.sock.settimeout(max(0.001, until - monotonic()))

        try:
            step()
            client.ehlo_or_helo_if_needed()
            if self._security is Security.STARTTLS:
                step()
                client.starttls(context=self._tls)
                client.ehlo()
            if self._user:
                step()
                client.login(self._user, self._password.get_secret_value())
            step()
            code, words = client.mail(self._sender)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, words, self._sender)
            yield client, step
            # The mail is out: a goodbye that fails changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                step()
                client.quit()
        finally:
            client.close()


def _refused(code: int) -> ExternalError:
    if code in ACCESS:
        return AccessRefused(SYSTEM, f"SMTP {code}")
    # 4xx passes by (RFC 5321, 4.2.1), and so does a server that does not greet us.
    return (
        Unavailable(SYSTEM, f"SMTP {code}") if code < 500 or code in {521, 554} else BadAnswer(SYSTEM, f"SMTP {code}")
    )
