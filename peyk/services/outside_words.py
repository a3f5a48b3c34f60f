"""What people at an outside desk are told of a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from peyk import i18n
from peyk.domain.conversations import Author, Entry
from peyk.domain.outside import HandOffBrief, PersonSays
from peyk.logging import mask
from peyk.services.mirror import SHORT_CHARS, customer_key

if TYPE_CHECKING:
    from peyk.services.outside_desk import Packet

MAX_WORDS = 500


class Words:
    """The shop's language for its people, and what its customers are called outside."""

    def __init__(self, secret_key: SecretStr, language: str) -> None:
        self._secret = secret_key.get_secret_value().encode()
        self._language = language

    def brief(
        self, conversation_id: str, packet: Packet | None, entries: Sequence[Entry], channel: str
    ) -> HandOffBrief:
        """Return what people read first: why, about what, what was tried, what was said."""
        code = customer_key(self._secret, conversation_id)
        said = [self._spoken(entry) for entry in entries if self.of(entry)]
        parts = ["\n".join(self._facts(packet, channel)), "\n".join([self._text("desk.said"), *said]) if said else ""]
        name = self._text("helpdesk.customer", code=code[-SHORT_CHARS:])
        return HandOffBrief(code, name, "\n\n".join(part for part in parts if part))

    def of(self, entry: Entry) -> str:
        """Return an entry as text: what was said, and the names of files."""
        files = entry.custom.get("files")
        named = [self._text("desk.file", name=str(file.get("name", ""))) for file in _dicts(files)]
        return "\n".join(part for part in (entry.text or "", *named) if part)

    def undelivered(self, said: PersonSays) -> str:
        """Return what a person is told whose message could not be said."""
        return self._text("desk.not_delivered", words=said.text[:MAX_WORDS])

    def _facts(self, packet: Packet | None, channel: str) -> list[str]:
        way = self._named(f"console.channel.{channel}")
        values: dict[str, object] = {"channel": way}
        if packet is not None:
            order = packet.order or {}
            number = " · ".join(str(order[name]) for name in ("orderId", "status") if order.get(name))
            values = {
                "reason": self._named(f"console.reason.{packet.reason}"),
                "wanted": packet.wanted,
                "order": number,
                "level": self._named(f"console.level.{packet.level}"),
                "mobile": packet.mobile,
                "channel": way,
                "tried": " · ".join(self._named(f"tried.{name}") for name in packet.tried),
            }
        return [self._text(f"desk.{name}", value=value) for name, value in values.items() if value]

    def _spoken(self, entry: Entry) -> str:
        if entry.author is Author.CUSTOMER:
            # Said to the bot: codes and numbers were not meant for people.
            return self._text("desk.by_customer", words=mask(self.of(entry)))
        return self._text("desk.by_bot", words=self.of(entry))

    def _named(self, key: str) -> str:
        return i18n.named(key, self._language)

    def _text(self, key: str, **values: object) -> str:
        return i18n.text(key, self._language, **values)


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, (list, tuple)) else []
