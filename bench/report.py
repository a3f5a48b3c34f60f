"""The numbers as a table for people and as JSON for comparing runs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.hanging import Hanging
from bench.index import Indexed
from bench.load import Measured
from bench.sockets import Crowd
from bench.widget import SLOWED, Seen

MIB = 1024 * 1024


@dataclass(slots=True)
class Report:
    """All that one run measured."""

    training_s: float = 0.0
    ready_s: dict[str, float] = field(default_factory=dict)
    memory_mib: dict[str, dict[str, float]] = field(default_factory=dict)
    load: dict[str, list[Measured]] = field(default_factory=dict)
    widget: Seen | None = None
    crowd: Crowd | None = None
    hanging: Hanging | None = None
    index: list[Indexed] = field(default_factory=list)
    # What else the machine was doing shows in the first of these.
    load_average: tuple[float, ...] = field(default_factory=os.getloadavg)

    @property
    def failed(self) -> bool:
        """Whether anything that was sent was not answered as it should."""
        levels = [level for each in self.load.values() for level in each]
        levels += [self.hanging.well, self.hanging.hanging] if self.hanging else []
        return any(level.errors for level in levels) or bool(self.crowd and self.crowd.errors)

    def as_dict(self) -> dict[str, object]:
        """Return the report for the results file."""
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cpus": psutil.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
            "load_average_before": self.load_average,
            "training_s": round(self.training_s, 1),
            "ready_s": self.ready_s,
            "memory_mib": self.memory_mib,
            "load": {name: [level.as_dict() for level in levels] for name, levels in self.load.items()},
            "widget": self.widget.as_dict() if self.widget else None,
            "sockets": self.crowd.as_dict() if self.crowd else None,
            "hanging": self.hanging.as_dict() if self.hanging else None,
            "index": [each.as_dict() for each in self.index],
        }

    def save(self, folder: Path) -> Path:
        """Write the report as a file of its own and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"bench-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n")
        return path

    def lines(self) -> list[str]:
        """Return the report as a table."""
        parts = [self._load_lines(), self._memory_lines(), self._time_lines()] if self.load else []
        parts += [_widget_lines(self.widget)] if self.widget else []
        parts += [_crowd_lines(self.crowd)] if self.crowd else []
        parts += [self.hanging.lines()] if self.hanging else []
        parts += [each.lines() for each in self.index]
        return [line for part in parts for line in (*part, "")][:-1]

    def _load_lines(self) -> list[str]:
        heads = "".join(f" {head:>8}" for head in ("at once", "turns/s", "p50 ms", "p95 ms", "p99 ms", "errors"))
        lines = [f"{'a tracking turn':34}{heads}"]
        for name, levels in self.load.items():
            for level in levels:
                percentiles = "".join(f" {level.percentile(percent):8.1f}" for percent in (50, 95, 99))
                counts = f" {level.concurrent:8} {level.turns_per_second:8.1f}"
                lines.append(f"{name:34}{counts}{percentiles} {len(level.errors):8}")
        return lines

    def _memory_lines(self) -> list[str]:
        rows = [*self.memory_mib.items(), ("all", _sum(list(self.memory_mib.values())))]
        return [f"{'memory after the load':34} {'RSS MiB':>8} {'PSS MiB':>8}"] + [
            f"{name:34} {row['rss']:8.0f} {row['pss']:8.0f}" for name, row in rows
        ]

    def _time_lines(self) -> list[str]:
        ready = "  ".join(f"{name} {seconds:.1f} s" for name, seconds in self.ready_s.items())
        return [f"{'time to ready':34} {ready}", f"{'training, nothing cached':34} {self.training_s:.1f} s"]


def _widget_lines(seen: Seen) -> list[str]:
    head = f"the widget, processor slowed {SLOWED} times"
    size = f"{'script, bytes; as sent, gzip':44} {seen.bundle_bytes:8} {seen.bundle_gzip:8}"
    times = [f"{name:44} {middle:8.1f} {best:8.1f}" for name, (middle, best) in seen.times().items()]
    return [size, f"{head:44} {'median':>8} {'best':>8}", *times]


def _crowd_lines(crowd: Crowd) -> list[str]:
    heads = "".join(f" {head:>8}" for head in ("a second", "p50 ms", "p95 ms", "p99 ms", "errors"))
    lines = [f"{f'{crowd.still_open} of {crowd.open} widgets still open':34}{heads}"]
    for name, measured, errors in (("kept", crowd.accepted, 0), ("answered", crowd.answered, len(crowd.errors))):
        percentiles = "".join(f" {measured.percentile(percent):8.1f}" for percent in (50, 95, 99))
        lines.append(f"{name:34} {measured.turns_per_second:8.1f}{percentiles} {errors:8}")
    busy = "  ".join(f"{name} {cores:.2f}" for name, cores in crowd.cores.items())
    return [*lines, f"{'processors busy':34} {busy}"]


def memory_of(group: int) -> dict[str, float]:
    """Return RSS and PSS in MiB of a process and its children; PSS counts shared pages once in all."""
    process = psutil.Process(group)
    infos = [one.memory_full_info() for one in (process, *process.children(recursive=True))]
    return {"rss": round(sum(i.rss for i in infos) / MIB, 1), "pss": round(sum(i.pss for i in infos) / MIB, 1)}


def _sum(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: sum(row[key] for row in rows) for key in ("rss", "pss")}
