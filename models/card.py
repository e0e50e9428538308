"""The measured tables of a model card, written from the manifest, so that no figure is copied by hand.

A card is prose with marked places: ``<!-- figures:PART -->`` … ``<!-- /figures -->`` holds the table of the part
PART of the manifest's metrics, ``<!-- fact:NAME -->`` … ``<!-- /fact -->`` one fact (``sha256``, ``version``),
``<!-- reliability -->`` … ``<!-- /reliability -->`` how far confidences can be believed and ``<!-- failures -->`` …
``<!-- /failures -->`` the known failures, each as measured and kept beside the card.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import ModelError
from models.known_failures import failures_section, read_failures
from models.manifest import read_manifest
from models.registry import CARD_NAME, MANIFEST_NAME
from models.reliability import read_reliability, reliability_section

_FIGURES = re.compile(r"(<!-- figures:(?P<part>[\w-]+) -->\n).*?(<!-- /figures -->)", re.DOTALL)
_FACT = re.compile(r"(<!-- fact:(?P<name>\w+) -->).*?(<!-- /fact -->)", re.DOTALL)
_RELIABILITY = re.compile(r"(<!-- reliability -->\n).*?(<!-- /reliability -->)", re.DOTALL)
_FAILURES = re.compile(r"(<!-- failures -->\n).*?(<!-- /failures -->)", re.DOTALL)
_FACTS = ("name", "version", "sha256", "licence")
_COLUMNS = (
    "category",
    "boxes",
    "AP50",
    "AP50-95",
    "threshold",
    "precision",
    "recall",
    "F1",
    "best F1 (at)",
    "false alarms per 100 negatives",
)


def write_card(package: Path) -> bool:
    """Bring the card's marked places up to date with what lies beside it; True when the card changed.

    Raises:
        ModelError: no card, or it asks for something that was not measured, or was on other weights.
    """
    path = package / CARD_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}; mend: write the card first, see docs/models.md"
        ) from error
    filled = fill_card(text, package)
    if filled == text:
        return False
    path.write_text(filled, encoding="utf-8")
    return True


def fill_card(text: str, package: Path) -> str:
    """The card's text with every marked place filled from the package's folder.

    Raises:
        ModelError: it asks for something that was not measured, or was on other weights.
    """
    manifest = read_manifest(package / MANIFEST_NAME)

    def figures(match: re.Match[str]) -> str:
        part = match["part"]
        report = manifest.metrics.get(part)
        if not isinstance(report, dict):
            known = ", ".join(manifest.metrics) or "none"
            raise ModelError(
                f"the card asks for figures of '{part}', the manifest has: {known}; "
                f"mend: export with --choose-on {part}"
            )
        return f"{match[1]}{figures_table(report)}\n{match[3]}"

    def fact(match: re.Match[str]) -> str:
        if match["name"] not in _FACTS:
            raise ModelError(f"the card asks for the fact '{match['name']}'; mend: one of {', '.join(_FACTS)}")
        return f"{match[1]}{getattr(manifest, match['name'])}{match[3]}"

    def reliability(match: re.Match[str]) -> str:
        return f"{match[1]}{reliability_section(read_reliability(package, manifest))}\n{match[2]}"

    def failures(match: re.Match[str]) -> str:
        return f"{match[1]}{failures_section(read_failures(package, manifest))}\n{match[2]}"

    for place, fill in ((_FIGURES, figures), (_FACT, fact), (_RELIABILITY, reliability), (_FAILURES, failures)):
        text = place.sub(fill, text)
    return text


def figures_table(report: Mapping[str, Any]) -> str:
    """One part's figures (an evaluation report as JSON) as a Markdown table under a line that says over what."""
    lines = [
        f"{report['pictures']} pictures, {report['negatives']} of them with nothing labelled.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'---|' * len(_COLUMNS)}",
    ]
    for row in report["categories"]:
        at, best = row["at_threshold"], row["best_f1"]
        shares = (at["precision"], at["recall"], at["f1"]) if row["boxes"] else (None, None, None)
        cells = [
            row["category"],
            str(row["boxes"]),
            _share(row["ap50"]),
            _share(row["ap50_95"]),
            _share(at["threshold"]),
            *(_share(value) for value in shares),
            f"{best['f1']:.2f} ({best['threshold']:.2f})" if row["boxes"] else "–",
            _share(row["false_alarms_per_100_negatives"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    means = f"Mean AP50 {_share(report['map50'])}, mean AP50-95 {_share(report['map50_95'])}"
    return "\n".join([*lines, "", f"{means} over the categories that have boxes."])


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
