"""The keys WooCommerce gives by `/wc-auth` (woocommerce.github.io/woocommerce-rest-api-docs, "Authentication" [D]).

They are kept in a file only its owner can read, and not in the database: dumps of that travel further.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from pydantic import SecretStr
from requests.models import PreparedRequest

from peyk.adapters._auth import Auth
from peyk.errors import BadAnswer

SYSTEM = "woocommerce"
APP_NAME = "Peyk"
# Theirs are 43 characters.
MAX_KEY = 200


class KeysFile:
    """The file with the keys (the port `ShopKeys`); `shop` is the shop's address."""

    def __init__(self, path: Path, shop: str) -> None:
        self._path = path
        self._shop = shop.rstrip("/")

    def address(self, callback: str, back: str) -> str:
        """Return where the owner agrees that Peyk reads."""
        asked = {
            "app_name": APP_NAME,
            "scope": "read",
            "user_id": "peyk",
            "return_url": back,
            "callback_url": callback,
        }
        return f"{self._shop}/wc-auth/v1/authorize?{urlencode(asked)}"

    def take(self, body: bytes) -> None:
        """Keep the keys the shop has sent. Raises BadAnswer for what are none."""
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            raise BadAnswer(SYSTEM, "keys that are no JSON") from None
        names = ("consumer_key", "consumer_secret")
        keys = [sent.get(name) if isinstance(sent, dict) else None for name in names]
        if not all(
            isinstance(key, str) and key.isascii() and key.isprintable() and 0 < len(key) < MAX_KEY for key in keys
        ):
            raise BadAnswer(SYSTEM, "keys that are none")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        # Never readable by others, not even for a moment.
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(dict(zip(("key", "secret"), keys, strict=True)), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)

    def read(self) -> tuple[SecretStr, SecretStr] | None:
        """Return key and secret, None where there are none yet."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return SecretStr(kept["key"]), SecretStr(kept["secret"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


class FileAuth(Auth):
    """The keys of the file, as soon as there are any: no restart is needed after they came or were changed."""

    def __init__(self, file: KeysFile, make: Callable[[SecretStr, SecretStr], Auth]) -> None:
        self._file = file
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[SecretStr, SecretStr] | None = None

    def secrets(self) -> tuple[str, ...]:
        """Return what the present keys hide."""
        return self._make(*self._kept).secrets() if self._kept is not None else ()

    def renew(self) -> bool:
        """Read the file again; True when it holds other keys than were refused."""
        with self._lock:
            before, self._kept = self._kept, self._file.read()
            return self._kept is not None and self._kept != before

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the keys into a request; without any the shop refuses it."""
        with self._lock:
            if self._kept is None:
                self._kept = self._file.read()
            kept = self._kept
        return self._make(*kept)(request) if kept is not None else request
