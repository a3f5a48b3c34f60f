"""One carrier hangs: what it costs the conversations that ask for parcels of others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from bench.load import Measured, Target, run_level

CARRIER = "post"
# Customers who ask for parcels of the carrier that hangs, beside so many who ask for others.
ASKING_IT, ASKING_OTHERS = 4, 8
ITS_ORDERS = ("TS-104233", "TS-104175", "TS-104201")
OTHER_ORDERS = ("TS-104180", "TS-104190", "TS-104210", "TS-104220")
GOAL = 0.9


@dataclass(frozen=True, slots=True)
class Hanging:
    """The turns of the others, with the carrier well and with it hanging."""

    well: Measured
    hanging: Measured

    @property
    def kept(self) -> float:
        """The part of the turns a second that is left while the carrier hangs."""
        return self.hanging.turns_per_second / self.well.turns_per_second if self.well.turns_per_second else 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the numbers for the results file."""
        return {"well": self.well.as_dict(), "hanging": self.hanging.as_dict(), "kept": round(self.kept, 3)}

    def lines(self) -> list[str]:
        """Return the table."""
        heads = "".join(f" {head:>8}" for head in ("turns/s", "p50 ms", "p95 ms", "p99 ms", "errors"))
        lines = [f"{'turns about other carriers':34}{heads}"]
        for name, level in (("one carrier well", self.well), ("the same carrier hanging", self.hanging)):
            percentiles = "".join(f" {level.percentile(percent):8.1f}" for percent in (50, 95, 99))
            lines.append(f"{name:34} {level.turns_per_second:8.1f}{percentiles} {len(level.errors):8}")
        return [*lines, f"{'left of the turns a second':34} {self.kept:8.0%} (wanted: {GOAL:.0%})"]


def measure(url: str, questions: tuple[str, ...], seconds: float) -> Hanging:
    """Measure with the carrier well, then hanging. The stack at `url` is a demo's."""
    return asyncio.run(_measure(url, questions, seconds))


async def _measure(url: str, questions: tuple[str, ...], seconds: float) -> Hanging:
    its, others = (_target(url, questions, orders) for orders in (ITS_ORDERS, OTHER_ORDERS))
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        well = await _beside(its, others, seconds)
        (await http.post("/demo/faults", json={"system": CARRIER, "kind": "slow"})).raise_for_status()
        return Hanging(well, await _beside(its, others, seconds))


async def _beside(its: Target, others: Target, seconds: float) -> Measured:
    _, measured = await asyncio.gather(run_level(its, ASKING_IT, seconds), run_level(others, ASKING_OTHERS, seconds))
    return measured


def _target(url: str, questions: tuple[str, ...], orders: tuple[str, ...]) -> Target:
    messages = [(questions[number % len(questions)].format(order), order) for number, order in enumerate(orders)]
    return Target(f"{url}/webhooks/rest/webhook", messages)
