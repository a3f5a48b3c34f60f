"""Logs: structlog and the standard library through one chain, JSON lines, nothing personal in them.

One `mask()` serves both. It hides by key name (a code, a token, an address) and by shape inside free
text and exceptions (a mobile, a tracking code, a one-time code, an e-mail). Order numbers stay
readable: without them no log would help anybody.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping
from logging.handlers import WatchedFileHandler
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from peyk.settings import Settings

HIDDEN = "***"
# A bare run of digits as long as a one-time code; ports (`:8080`) and decimals are left alone.
_BARE_CODE = re.compile(r"(?<![\w.:/#-])\d{5,6}(?!\w|[.:]\d)")
_NAMED_CODE = re.compile(r"((?:\bcode|\botp|\bpin|کد)[\"']?\s*(?:is|است|:|=)?\s*)[\"']?\d{4,8}(?!\d)", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_BEARER = re.compile(r"\b(bearer|basic|token)\s+[\w.~+/=:-]{8,}", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"((?:api[_-]?key|apikey|token|secret|password|passwd|pwd|authorization|app-auth|key)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'&,;}]{4,}",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(r"(\w+://[^\s:/@]*:)[^\s/@]+(@)")
_BOT_TOKEN = re.compile(r"\d{6,12}:[\w-]{30,}")
# Long runs that mix letters and digits are keys: nothing people need to read looks like that.
_LONG_KEY = re.compile(r"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}")
_S10 = re.compile(r"\b[A-Z]{2}\d{9}[A-Z]{2}\b", re.IGNORECASE)
_LETTERS_AND_DIGITS = re.compile(r"\b([A-Z]{2,5}-?)\d{7,}\b", re.IGNORECASE)
_GAP = r"[ \u200c()-]{0,2}"
_DIGIT_RUN = re.compile(rf"(?<![\w.])(?:\+\d(?:{_GAP}\d){{6,}}|\d(?:{_GAP}\d){{8,}})(?!\w)")
# 2026-11-21, and with a time: digits people need, in the shape of a telephone number.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?")

_KEEP_FIRST = 4
_KEEP_LAST = 2
# Hidden whole, whatever they hold.
_SECRET_KEYS = re.compile(
    r"(^|_)(code|otp|pin|token|secret|password|key|authorization|cookie|cookies|address|street|plate|postal_code"
    r"|customer_name|note|text|body|payload|card|card_pan)$",
    re.IGNORECASE,
)
# Ends in a word of the list above, yet says nothing personal.
_HARMLESS_KEYS = frozenset({"status_code", "exit_code", "error_code", "return_code", "response_key", "text_key"})
# Ids of ours that join lines; hiding them would make the log useless.
_PLAIN_KEYS = frozenset({"correlation_id", "conversation_id", "timestamp", "level", "logger", "process"})


def _shorten(match: re.Match[str]) -> str:
    run = match.group()
    return f"{run[:_KEEP_FIRST]}{HIDDEN}{run[-_KEEP_LAST:]}"


def mask(text: str) -> str:
    """Return `text` without anything personal or secret: mobiles, codes, tokens, e-mails, keys.

    A mobile keeps its first four and last two digits (`0912***67`), so that people can tell
    theirs and nobody can dial it. Works on a single value as well as inside a sentence or traceback.
    """
    dates: list[str] = []

    def keep(match: re.Match[str]) -> str:
        dates.append(match.group())
        return f"\x00{chr(0xE000 + len(dates) - 1)}\x00"

    text = _DATE.sub(keep, text)
    text = _URL_LOGIN.sub(rf"\1{HIDDEN}\2", text)
    text = _EMAIL.sub(lambda match: f"{match.group()[0]}{HIDDEN}@{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
    text = _BOT_TOKEN.sub(HIDDEN, text)
    text = _LONG_KEY.sub(HIDDEN, text)
    text = _S10.sub(_shorten, text)
    text = _LETTERS_AND_DIGITS.sub(lambda match: f"{match.group(1)}{HIDDEN}{match.group()[-_KEEP_LAST:]}", text)
    text = _DIGIT_RUN.sub(_shorten, text)
    text = _NAMED_CODE.sub(rf"\1{HIDDEN}", text)
    text = _BARE_CODE.sub(HIDDEN, text)
    return re.sub("\x00(.)\x00", lambda match: dates[ord(match.group(1)) - 0xE000], text)


def mask_value(key: str, value: Any) -> Any:
    """Return a log value fit to be written: by its key name, else by what its text looks like."""
    name = key.lower()
    if name in _PLAIN_KEYS or isinstance(value, bool) or value is None:
        return value
    if name not in _HARMLESS_KEYS and _SECRET_KEYS.search(name):
        return HIDDEN
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {inner: mask_value(str(inner), item) for inner, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask_value("", item) for item in value]
    if isinstance(value, (int, float)):
        return value
    return mask(str(value))


def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask a whole log line; the last step but writing, so exceptions are text by now."""
    return {key: value if key.startswith("_") else mask_value(key, value) for key, value in event.items()}


def bind_correlation(correlation_id: str) -> None:
    """Put `correlation_id` on every line this context logs from now on; an empty one takes it off."""
    if correlation_id:
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
    else:
        structlog.contextvars.unbind_contextvars("correlation_id")


def configure_logging(settings: Settings, process: str = "") -> None:
    """Send every log line of this process to `settings.log_file`, else to the console's error stream.

    `process` names the process in each line (`edge`, `actions`).
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if settings.log_file is not None:
        settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        # Follows a rotation from outside: several processes write to one file.
        handler = WatchedFileHandler(settings.log_file, encoding="utf-8")
    handler.setFormatter(json_formatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(process),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def json_formatter(process: str = "") -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter both worlds end in: exception to text, mask, one JSON object a line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(process),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _shared(process: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _named(process),
    ]


def _named(process: str) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if process:
            event["process"] = process
        return event

    return add
