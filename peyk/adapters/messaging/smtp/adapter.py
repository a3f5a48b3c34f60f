"""One-time codes by mail (the port `CodeSender`)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import structlog

from peyk.adapters.messaging.smtp.client import SYSTEM, MailServer, is_address
from peyk.adapters.plugin import Parts
from peyk.domain.code_sends import SendState
from peyk.ports.messenger import Handed

log = structlog.get_logger(__name__)

# What stands before the id of a mail that was not sent.
NONE = "none:"


class SmtpSender:
    """Sends the code to the address the shop knows of a mobile.

    Where it knows none, or the server does not take it, the result is the same, after as many steps: who asks for a
    code must not learn whether a mobile has orders.
    """

    system = SYSTEM
    cost_rial = 0

    def __init__(self, server: MailServer, parts: Parts, sender: str, sender_name: str) -> None:
        self._server = server
        self._parts = parts
        self._sender = Address(sender_name, addr_spec=sender)
        self._domain = sender.partition("@")[2]

    def send(self, mobile: str, code: str, language: str) -> Handed:
        """Hand a code over."""
        to = self._parts.email_of(mobile) or ""
        message = self._message(to if is_address(to) else self._sender.addr_spec, code, language)
        message_id = str(message["Message-ID"])
        with self._server.conversation() as conversation:
            if is_address(to):
                taken = conversation.send(to, message)
                if not taken:
                    log.warning("smtp.not_taken")
            else:
                conversation.pretend()
                taken = False
        return Handed(message_id if taken else NONE + message_id, 0, by_mail=True, taken=taken)

    def delivery(self, message_id: str) -> SendState:
        """Return how far a mail has come; SMTP says no more than whether it was taken."""
        return SendState.FAILED if message_id.startswith(NONE) else SendState.TAKEN

    def _message(self, to: str, code: str, language: str) -> EmailMessage:
        subject, text = self._parts.code_mail(language, code)
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = Address(addr_spec=to)
        # A name of a shop may have been typed in two lines.
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(self._parts.clock.now())
        message["Message-ID"] = make_msgid(domain=self._domain)
        message["Content-Language"] = language
        # Nobody's out-of-office note comes back (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, charset="utf-8", cte="base64")
        return message
