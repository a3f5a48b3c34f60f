"""The page for people and the file for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from peyk.evaluation.report.figures import Figures
from peyk.evaluation.report.pictures import (
    calibration_picture,
    confusion_picture,
    learning_picture,
    threshold_picture,
)
from peyk.evaluation.report.threshold import A_WRONG_ANSWER, A_WRONG_ANSWER_WITH_THE_RIGHT_BUTTON, Point, best_trade

_TEMPLATE = "report.html.j2"
_NO_SHARE = "–"


def save(figures: Figures, folder: Path) -> tuple[Path, Path]:
    """Write `report.html` and `report.json` into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    page.write_text(html(figures), encoding="utf-8")
    data.write_text(json.dumps(asdict(figures), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return page, data


def html(figures: Figures) -> str:
    """Return the page: one file, without scripts and without anything from elsewhere."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"percent": percent, "points": points}
    return environment.get_template(_TEMPLATE).render(
        f=figures,
        best=best_trade(figures.thresholds.training),
        advice=advice(figures.thresholds.training),
        confusion=confusion_picture(figures.intents, figures.confusions),
        calibration=calibration_picture(figures.calibration),
        threshold=threshold_picture(figures.thresholds),
        learning=learning_picture(figures.learning) if figures.learning else "",
    )


def advice(training: list[Point]) -> str:
    """Return one sentence on how to choose the threshold."""
    return (
        f"Choose on the left picture. A question costs a customer one turn, a wrong answer about {A_WRONG_ANSWER}, one "
        f"with the right button below {A_WRONG_ANSWER_WITH_THE_RIGHT_BUTTON}: they lose the fewest at "
        f"{best_trade(training).threshold:g}; go higher only if too much that is out of scope is still answered."
    )


def percent(share: float | None) -> str:
    """Return a share as 87.5, or a dash."""
    return _NO_SHARE if share is None else f"{100 * share:.1f}"


def points(cost: float) -> str:
    """Return points lost as −1.2, or 0.0."""
    lost = round(-cost, 1) or 0.0
    return f"{lost:+.1f}".replace("-", "−") if lost else "0.0"
