"""The widget in a browser whose processor is slowed four times: bytes, time to a usable input, Enter and answer."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, Error, Page, sync_playwright

from peyk.errors import PeykError
from peyk.launcher.ports import LOOPBACK

SLOWED = 4
LOADS = 15
# The first message begins the conversation; what every further one costs is measured.
MESSAGES_A_LOAD = 3
PATIENCE_MS = 60_000
USUAL_PLACE = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PAGE = """<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script src="{edge}/widget/peyk.js" data-open="true" defer></script></head>
<body><main><h1>فروشگاه</h1></main></body></html>
"""
# What the browser itself takes on this machine: an input as plain as one can be, without a script.
BARE = """<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>فروشگاه</h1></main>
<peyk-chat><template shadowrootmode="open"><textarea></textarea></template></peyk-chat></body></html>
"""
# `ready`: the input can be typed into and has been laid out. `enter`, `sent`, `received`, `shown`, `painted`: of the
# last message. Everything in milliseconds since the page was asked for.
WATCH = """(() => {
  const seen = (window.bench = {});
  const root = () => document.querySelector("peyk-chat")?.shadowRoot;
  const bubbles = () => [...root().querySelectorAll("[role=log] :is(.mine, .theirs:not(.typing))")];
  const answered = () => bubbles().at(-1)?.matches(".theirs");
  const look = () => {
    const input = root()?.querySelector("textarea");
    if (!input || input.disabled || !input.getBoundingClientRect().height) return requestAnimationFrame(look);
    seen.ready = performance.now();
    new MutationObserver(() => {
      if (seen.received === undefined || seen.shown !== undefined || !answered()) return;
      root().querySelector("[role=log]").getBoundingClientRect();
      seen.shown = performance.now();
      requestAnimationFrame(() => { seen.painted = performance.now(); });
    }).observe(root(), { childList: true, subtree: true });
  };
  requestAnimationFrame(look);
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    for (const moment of ["sent", "received", "shown", "painted"]) delete seen[moment];
    // When the key went down, not when the page came round to it.
    seen.enter = event.timeStamp;
  }, true);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (JSON.parse(data).type === "message") seen.sent = performance.now();
    return send.call(this, data);
  };
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        const frame = JSON.parse(event.data);
        if (frame.type === "entry" && frame.author === "bot" && seen.sent) seen.received ??= event.timeStamp;
      });
    }
  };
})()"""


class NoBrowser(PeykError):
    """There is no browser, or no widget, to measure."""


@dataclass(slots=True)
class Seen:
    """What a customer waits for, in milliseconds; each list has one number a load or message."""

    bundle_bytes: int = 0
    bundle_gzip: int = 0
    bare_input_ms: list[float] = field(default_factory=list)
    ready_ms: list[float] = field(default_factory=list)
    ready_after_first_byte_ms: list[float] = field(default_factory=list)
    enter_to_request_ms: list[float] = field(default_factory=list)
    reply_to_shown_ms: list[float] = field(default_factory=list)
    reply_to_painted_ms: list[float] = field(default_factory=list)
    beyond_server_ms: list[float] = field(default_factory=list)

    def times(self) -> dict[str, tuple[float, float]]:
        """Return median and best of each time."""
        names = (
            "bare_input_ms", "ready_ms", "ready_after_first_byte_ms", "enter_to_request_ms", "reply_to_shown_ms",
            "reply_to_painted_ms", "beyond_server_ms",
        )  # fmt: skip
        return {name: (median(getattr(self, name)), min(getattr(self, name))) for name in names}

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers for the results file."""
        return {
            "bundle_bytes": self.bundle_bytes,
            "bundle_gzip_bytes": self.bundle_gzip,
            "cpu_slowed": SLOWED,
            "loads": len(self.ready_ms),
            "messages": len(self.enter_to_request_ms),
            **{name: {"median": round(m, 1), "best": round(b, 1)} for name, (m, b) in self.times().items()},
        }


def executable() -> str:
    """Return where Chromium is. Raises NoBrowser."""
    found = os.environ.get("PEYK_TEST_CHROMIUM") or shutil.which("chromium") or USUAL_PLACE
    if not Path(found).exists():
        raise NoBrowser("no Chromium: apt-get install chromium, or set PEYK_TEST_CHROMIUM")
    return found


def measure(edge: str, port: int, questions: Sequence[str], *, loads: int = LOADS) -> Seen:
    """Open a shop's page with the widget again and again, each time as a new visitor, and talk to the edge.

    The page comes from an origin of its own, `port` on loopback, which the edge must allow. Raises NoBrowser.
    """
    seen = Seen(*_bundle(edge))
    try:
        with _shop(edge, port) as page_url, _browser() as browser:
            # The first page pays for what the browser itself has yet to load.
            _load(browser, page_url, questions, Seen())
            for _ in range(loads):
                # In turn: what else the machine does is in both.
                seen.bare_input_ms.append(_bare(browser, page_url))
                _load(browser, page_url, questions, seen)
    except Error as exc:
        raise NoBrowser(f"the widget could not be measured: {exc.message.splitlines()[0]}") from None
    return seen


def _bundle(edge: str) -> tuple[int, int]:
    """Return the bytes of the script, and as they go over the line to a browser."""
    with httpx.Client(trust_env=False) as http:
        with http.stream("GET", f"{edge}/widget/peyk.js", headers={"Accept-Encoding": "gzip"}) as response:
            raw = b"".join(response.iter_raw())
            if response.status_code != httpx.codes.OK:
                raise NoBrowser("the widget is not built: make widget")
            return len(gzip.decompress(raw)), len(raw)


@contextmanager
def _shop(edge: str, port: int) -> Iterator[str]:
    """Serve the page, and the one without the widget."""
    pages = {"/": PAGE.format(edge=edge).encode(), "/bare": BARE.encode()}

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
            return

    with ThreadingHTTPServer((LOOPBACK, port), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{port}/"
        server.shutdown()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        yield browser
        browser.close()


def _visitor(browser: Browser) -> Page:
    """Return a page of somebody who was never here, on a slow processor."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return page


def _ready(page: Page, url: str) -> float:
    """Go to a page; return when its input was usable."""
    page.goto(url)
    page.wait_for_function("bench.ready")
    return float(page.evaluate("bench.ready"))


def _bare(browser: Browser, url: str) -> float:
    """Return when a plain input was usable."""
    page = _visitor(browser)
    ready = _ready(page, f"{url}bare")
    page.context.close()
    return ready


def _load(browser: Browser, url: str, questions: Sequence[str], seen: Seen) -> None:
    """Visit the page with nothing cached, and talk."""
    page = _visitor(browser)
    ready = _ready(page, url)
    seen.ready_ms.append(ready)
    first_byte = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
    seen.ready_after_first_byte_ms.append(ready - float(first_byte))
    for number, question in enumerate(questions[: MESSAGES_A_LOAD + 1]):
        _ask(page, question, seen if number else Seen())
    page.context.close()


def _ask(page: Page, question: str, seen: Seen) -> None:
    field_ = page.locator("peyk-chat textarea")
    field_.fill(question)
    field_.press("Enter")
    page.wait_for_function("bench.painted")
    at: dict[str, float] = page.evaluate("bench")
    request, shown = at["sent"] - at["enter"], at["shown"] - at["received"]
    seen.enter_to_request_ms.append(request)
    seen.reply_to_shown_ms.append(shown)
    seen.reply_to_painted_ms.append(at["painted"] - at["received"])
    seen.beyond_server_ms.append(request + shown)
