"""The load generator: so many conversations at once, each waiting for its answer before it goes on."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

import httpx

WARM_UP_TURNS = 24
# A turn costs more the longer its conversation is; people ask a few things and go.
TURNS_A_CONVERSATION = 8
TIMEOUT_S = 60.0


@dataclass(slots=True)
class Measured:
    """What one level of concurrency gave."""

    concurrent: int
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def turns_per_second(self) -> float:
        """Answered turns a second."""
        return len(self.latencies_ms) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latency in milliseconds, 0 when nothing was answered."""
        if len(self.latencies_ms) < 2:
            return self.latencies_ms[0] if self.latencies_ms else 0.0
        return quantiles(self.latencies_ms, n=100, method="inclusive")[percent - 1]

    def as_dict(self) -> dict[str, float]:
        """Return the numbers for the results file."""
        return {
            "concurrent": self.concurrent,
            "turns": len(self.latencies_ms),
            "errors": len(self.errors),
            "turns_per_second": round(self.turns_per_second, 1),
            **{f"p{percent}_ms": round(self.percentile(percent), 1) for percent in (50, 95, 99)},
        }


@dataclass(frozen=True, slots=True)
class Target:
    """Where turns go: a REST webhook in Rasa's shape, and the messages to send in turn.

    `expects` must stand in every answer, so that a fast wrong answer is not counted.
    """

    url: str
    messages: Sequence[tuple[str, str]]


def measure(target: Target, concurrent: int, seconds: float) -> Measured:
    """Warm up, then send turns from `concurrent` conversations for `seconds`."""
    return asyncio.run(run_level(target, concurrent, seconds))


async def run_level(target: Target, concurrent: int, seconds: float) -> Measured:
    """Do what `measure` does, inside a running loop."""
    limits = httpx.Limits(max_connections=concurrent, max_keepalive_connections=concurrent)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, limits=limits) as http:
        warm_up = Measured(concurrent)
        senders = (f"bench-{concurrent}-{time.monotonic_ns()}-{number}" for number in itertools.count())
        for _ in range(WARM_UP_TURNS // TURNS_A_CONVERSATION):
            await _conversation(http, target, senders, warm_up, float("inf"), turns=TURNS_A_CONVERSATION)
        result = Measured(concurrent)
        started = time.monotonic()
        end = started + seconds
        await asyncio.gather(*(_customer(http, target, senders, result, end) for _ in range(concurrent)))
        result.seconds = time.monotonic() - started
    return result


async def _customer(
    http: httpx.AsyncClient, target: Target, senders: Iterator[str], result: Measured, end: float
) -> None:
    while time.monotonic() < end:
        await _conversation(http, target, senders, result, end, turns=TURNS_A_CONVERSATION)


async def _conversation(
    http: httpx.AsyncClient, target: Target, senders: Iterator[str], result: Measured, end: float, turns: int
) -> None:
    sender = next(senders)
    for turn in range(turns):
        if time.monotonic() >= end:
            return
        message, expected = target.messages[(hash(sender) + turn) % len(target.messages)]
        started = time.perf_counter()
        try:
            response = await http.post(target.url, json={"sender": sender, "message": message})
        except httpx.HTTPError as exc:
            result.errors.append(type(exc).__name__)
            continue
        if response.status_code == httpx.codes.OK and expected in response.text:
            result.latencies_ms.append((time.perf_counter() - started) * 1000)
        else:
            result.errors.append(f"HTTP {response.status_code}: {response.text[:200]}")
