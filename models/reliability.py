"""How far a package's confidences can be believed, as measured: kept beside its card, with the diagram drawn from it.

``reliability.json`` names the weights it was measured on; for other weights it is refused, not shown.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ModelError
from models.calibration import CalibrationReport
from models.manifest import Manifest
from models.numbers import rounded
from models.probability import ConfidenceMap
from models.reliability_diagram import reliability_svg

RECORD_NAME = "reliability.json"
DIAGRAM_NAME = "reliability.svg"
_MEND = "mend: measure it with `gridpatrol models card NAME --reliability DATA.yaml`"


class Reliability(BaseModel):
    """One measurement of one package: its calibration over some parts of a data set together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(min_length=1)
    version: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the weights."""
    parts: tuple[str, ...]
    pictures: int = Field(ge=1)
    maps: dict[str, ConfidenceMap]
    """Category -> the package's map, whose probabilities were measured."""
    categories: dict[str, CalibrationReport]

    @classmethod
    def of(
        cls, manifest: Manifest, parts: tuple[str, ...], pictures: int, categories: Mapping[str, CalibrationReport]
    ) -> Self:
        """A measurement of a package, its figures rounded to 4 digits."""
        content = {
            "model": manifest.name,
            "version": manifest.version,
            "sha256": manifest.sha256,
            "parts": parts,
            "pictures": pictures,
            "maps": manifest.probability,
            "categories": {name: rounded(report.as_json()) for name, report in categories.items()},
        }
        return cls.model_validate(content)

    def as_text(self) -> str:
        """As in the file: one line for each category, so that a new measurement reads as such in a diff."""
        content: dict[str, Any] = self.model_dump(mode="json")
        lines = [f" {json.dumps(key)}: {_in_lines(value)}" for key, value in content.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    def diagram(self) -> str:
        """As SVG; the same measurement gives the same text."""
        over = f"{self.pictures} pictures: {', '.join(self.parts)}"
        return reliability_svg(self.categories, f"{self.model} {self.version}, {over}")


def _in_lines(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(one)}" for key, one in value.items()) + "\n }"


def parts_that_fitted(manifest: Manifest) -> tuple[str, ...]:
    """Parts of the data set that chose the thresholds and fitted the maps, in the order in which they were given."""
    return tuple(dict.fromkeys(part for choice in manifest.threshold_choices.values() for part in choice.parts))


def read_reliability(package: Path, manifest: Manifest) -> Reliability:
    """The measurement beside a package's manifest.

    Raises:
        ModelError: there is none, it does not hold, or it is of other weights.
    """
    path = package / RECORD_NAME
    try:
        found = Reliability.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}; {_MEND}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise ModelError(f"{path} is no measurement ({place}: {fault['msg']}); {_MEND}") from error
    if found.sha256 != manifest.sha256:
        raise ModelError(
            f"{path} was measured on other weights ({found.model} {found.version}, {found.sha256[:12]}…) "
            f"than the manifest names ({manifest.version}, {manifest.sha256[:12]}…); {_MEND}"
        )
    if found.maps != manifest.probability:
        raise ModelError(f"{path} was measured with other maps of confidence than the manifest has; {_MEND}")
    return found


def write_reliability(found: Reliability, package: Path) -> None:
    """Keep the measurement and its diagram beside the card.

    Raises:
        ModelError: the folder cannot be written.
    """
    for name, text in ((RECORD_NAME, found.as_text()), (DIAGRAM_NAME, found.diagram())):
        try:
            (package / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ModelError(
                f"{package / name} cannot be written: {error.strerror}; mend: check the folder's rights"
            ) from error


def reliability_section(found: Reliability) -> str:
    """The card's marked place: diagram, what it is over, and the expected errors."""
    lines = [
        f"![Reliability diagram of {found.model} {found.version}]({DIAGRAM_NAME})",
        "",
        f"Over {found.pictures} pictures ({', '.join(found.parts)}), detections of confidence 0.05 and above, IoU 0.5.",
        "",
        "| category | detections | error of the confidence | of the probability | held out |",
        "|---|---|---|---|---|",
    ]
    for category, report in found.categories.items():
        probability = None if report.probability is None else report.probability.expected_error
        errors = (report.confidence.expected_error, probability, report.held_out.expected_error)
        told = " | ".join("–" if error is None else f"{error:.3f}" for error in errors)
        lines.append(f"| {category} | {report.confidence.detections} | {told} |")
    return "\n".join(lines)
