"""Nothing personal in the logs, whichever way it gets there."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from peyk.domain.identity import OtpOutcome
from peyk.logging import bind_correlation, configure_logging, mask, mask_value
from peyk.settings import Settings

MASKED = [
    ("09121234567", "0912***67"),
    ("+447700900123", "+447***23"),
    ("+1234567", "+123***67"),
    ("۰۹۱۲۱۲۳۴۵۶۷", "۰۹۱۲***۶۷"),
    ("call 0912 123 4567 now", "call 0912***67 now"),
    ("0098 912-123-4567", "0098***67"),
    ("receptor=09121234567&x", "receptor=0912***67&x"),
    ("TRK-88392011", "TRK-***11"),
    ("123456789012345678901234", "1234***34"),
    ("1234567890", "1234***90"),
    ("RR123456785IR", "RR12***IR"),
    ("your code is 123456.", "your code is ***."),
    ("104233", "***"),
    ("code:12345", "code:***"),
    ('{"otp": 123456}', '{"otp": ***}'),
    ("کد ۱۲۳۴۵۶ بود", "کد *** بود"),
    ("a.customer@example.com", "a***@***"),
    ("Authorization: Bearer abc.def-12345678", "Authorization: *** ***"),
    ("sent Bearer abc.def-12345678", "sent Bearer ***"),
    ("api_key=abcdef123", "api_key=***"),
    ("password='hunter22'", "password='***'"),
    ("postgresql://peyk:hunter22@db/peyk", "postgresql://peyk:***@db/peyk"),
    ("https://sms.example/v1/6A7B8C9D0E1F2A3B4C5D6E7F8A9B0C1D/send", "https://sms.example/v1/***/send"),
    ("123456:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0", "***"),
]
PLAIN = [
    "TS-104233 is in transit",
    "http://127.0.0.1:50550/healthz",
    "2026-11-21T08:30:00.123456+00:00",
    "took 1234 ms",
    "otp.sent",
    "سفارش TS-104233 در راه است",
    "0.123456 s",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_mask(text: str, expected: str) -> None:
    assert mask(text) == expected
    assert mask(mask(text)) == expected, "once is enough"


@pytest.mark.parametrize("text", PLAIN)
def test_mask_leaves_what_people_need(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("code", "hello", "***"),
        ("otp_code", 123456, "***"),
        ("secret_key", "x", "***"),
        ("address", "تهران، خیابان نمونه", "***"),
        ("customer_name", "سارا", "***"),
        ("text", "سلام", "***"),
        ("Authorization", "x", "***"),
        ("phone", "09121234567", "0912***67"),
        ("status_code", 200, 200),
        ("conversation_id", "123456", "123456"),
        ("correlation_id", "0" * 40 + "a", "0" * 40 + "a"),
        ("duration_ms", 123456, 123456),
        ("ok", True, True),
        ("nothing", None, None),
        ("request", {"phone": "09121234567", "code": "123456"}, {"phone": "0912***67", "code": "***"}),
        ("phones", ["09121234567"], ["0912***67"]),
        ("outcome", OtpOutcome.SENT, "sent"),
        ("error", ValueError("09121234567"), "0912***67"),
    ],
)
def test_by_key_and_by_shape(key: str, value: object, expected: object) -> None:
    assert mask_value(key, value) == expected


class TestLines:
    """Both worlds end in the same file as JSON lines."""

    @pytest.fixture
    def log_file(self, tmp_path: Path) -> Iterator[Path]:
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        file = tmp_path / "logs" / "peyk.log"
        configure_logging(Settings(log_file=file, log_level="info"), "edge")
        yield file
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)
        bind_correlation("")
        structlog.reset_defaults()

    @staticmethod
    def lines(file: Path) -> list[dict[str, object]]:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def test_structlog(self, log_file: Path) -> None:
        bind_correlation("cafe-1")
        structlog.get_logger("peyk.test").info("otp.sent", phone="09121234567", code="123456")
        (line,) = self.lines(log_file)
        assert line.pop("timestamp")
        assert line == {
            "event": "otp.sent",
            "phone": "0912***67",
            "code": "***",
            "correlation_id": "cafe-1",
            "level": "info",
            "logger": "peyk.test",
            "process": "edge",
        }

    def test_the_standard_library(self, log_file: Path) -> None:
        logging.getLogger("vendor").warning("sent to %s", "09121234567")
        (line,) = self.lines(log_file)
        assert (line["event"], line["level"], line["process"]) == ("sent to 0912***67", "warning", "edge")

    @pytest.mark.parametrize("world", ["structlog", "stdlib"])
    def test_exceptions(self, log_file: Path, world: str) -> None:
        log = structlog.get_logger("peyk") if world == "structlog" else logging.getLogger("vendor")
        try:
            raise ValueError("no such customer: 09121234567")
        except ValueError:
            log.exception("action.failed")
        text = log_file.read_text(encoding="utf-8")
        assert "Traceback" in text
        assert "0912***67" in text
        assert "09121234567" not in text

    def test_the_level(self, log_file: Path) -> None:
        structlog.get_logger("peyk").debug("too much")
        logging.getLogger("vendor").debug("too much")
        assert not log_file.read_text(encoding="utf-8")

    def test_persian_stays_readable(self, log_file: Path) -> None:
        structlog.get_logger("peyk").info("سلام")
        assert "سلام" in log_file.read_text(encoding="utf-8")

    def test_an_empty_correlation_id_takes_the_old_one_off(self, log_file: Path) -> None:
        bind_correlation("cafe-1")
        bind_correlation("")
        structlog.get_logger("peyk").info("next")
        assert "correlation_id" not in self.lines(log_file)[0]
