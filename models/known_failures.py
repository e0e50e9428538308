"""A package's known failures on rendered scenes: how many, and the worst as one picture beside its card.

``failures.json`` names the weights and thresholds they are of; for others they are refused, not shown.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ModelError
from models.failure_sheet import SHOWN_OF_EACH, failures_jpeg
from models.failures import Failure, FailureKind, failures_in, worst_of_each
from models.manifest import Manifest
from models.matching import JudgedPicture
from models.rendered import require_rendered

RECORD_NAME = "failures.json"
PICTURE_NAME = "failures.jpg"
_MEND = "mend: draw them anew with `gridpatrol models card NAME --failures DATA.yaml --scenes RENDERS`"
_STRICT = ConfigDict(frozen=True, extra="forbid")


class FailureCounts(BaseModel):
    """One violation's mistakes; each is counted once."""

    model_config = _STRICT

    boxes: int = Field(ge=0)
    missed: int = Field(ge=0)
    confused: int = Field(ge=0)
    """Taken for another category."""
    misplaced: int = Field(ge=0)
    """Found with a box that fits badly, or twice."""
    false_alarms: int = Field(ge=0)


class ShownFailure(BaseModel):
    """One tile of the picture, in its order."""

    model_config = _STRICT

    kind: FailureKind
    scene: str
    """Its render can be made again: the name tells its seed."""
    category: str
    taken_for: str | None
    confidence: float | None


class KnownFailures(BaseModel):
    """One judging of one package on one part of rendered scenes."""

    model_config = _STRICT

    model: str = Field(min_length=1)
    version: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the weights."""
    thresholds: dict[str, float]
    part: str
    pictures: int = Field(ge=1)
    counts: dict[str, FailureCounts]
    shown: tuple[ShownFailure, ...]
    picture_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


def find_failures(
    judged: Sequence[JudgedPicture], manifest: Manifest, part: str, scenes: Path
) -> tuple[KnownFailures, bytes]:
    """Judge a part that holds renders only, and draw the worst (JPEG).

    Args:
        scenes: folder of the renders and their scene records, which prove that no photograph is among the pictures.

    Raises:
        ModelError: a picture is not proven to be a render, or cannot be read.
    """
    require_rendered([picture.path for picture in judged if picture.path is not None], scenes)
    failures = failures_in(judged, manifest.thresholds, manifest.violations)
    worst = worst_of_each(failures, SHOWN_OF_EACH)
    jpeg = failures_jpeg(worst, manifest.thresholds)
    kinds = Counter((failure.kind, failure.category) for failure in failures)
    counts = {
        category: FailureCounts(
            boxes=sum(len(picture.truth.get(category, ())) for picture in judged),
            missed=kinds["missed", category],
            confused=kinds["confused", category],
            misplaced=kinds["misplaced", category],
            false_alarms=kinds["false_alarm", category],
        )
        for category in manifest.categories
        if category in manifest.violations or kinds["confused", category]
    }
    record = KnownFailures(
        model=manifest.name,
        version=manifest.version,
        sha256=manifest.sha256,
        thresholds=manifest.thresholds,
        part=part,
        pictures=len(judged),
        counts=counts,
        shown=tuple(_shown(failure) for failure in worst),
        picture_sha256=hashlib.sha256(jpeg).hexdigest(),
    )
    return record, jpeg


def write_failures(record: KnownFailures, jpeg: bytes, package: Path) -> None:
    """Keep both beside the card.

    Raises:
        ModelError: the folder cannot be written.
    """
    text = record.model_dump_json(indent=1) + "\n"
    for name, content in ((PICTURE_NAME, jpeg), (RECORD_NAME, text.encode())):
        try:
            (package / name).write_bytes(content)
        except OSError as error:
            raise ModelError(
                f"{package / name} cannot be written: {error.strerror}; mend: check the folder's rights"
            ) from error


def read_failures(package: Path, manifest: Manifest) -> KnownFailures:
    """What lies beside a package's manifest.

    Raises:
        ModelError: there is none, it does not hold, or it is of other weights, thresholds or another picture.
    """
    path = package / RECORD_NAME
    try:
        found = KnownFailures.model_validate_json(path.read_bytes())
        picture = (package / PICTURE_NAME).read_bytes()
    except OSError as error:
        raise ModelError(f"{error.filename} cannot be read: {error.strerror}; {_MEND}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise ModelError(f"{path} is no record of failures ({place}: {fault['msg']}); {_MEND}") from error
    if found.sha256 != manifest.sha256 or found.thresholds != manifest.thresholds:
        raise ModelError(
            f"{path} tells the failures of {found.model} {found.version} ({found.sha256[:12]}…) at its thresholds "
            f"then, the manifest names {manifest.version} ({manifest.sha256[:12]}…); {_MEND}"
        )
    if hashlib.sha256(picture).hexdigest() != found.picture_sha256:
        raise ModelError(f"{package / PICTURE_NAME} is not the picture that {path.name} tells of; {_MEND}")
    return found


def failures_section(found: KnownFailures) -> str:
    """The card's marked place: the picture, and how often each happened."""
    lines = [
        f"![Worst failures of {found.model} {found.version} on rendered scenes]({PICTURE_NAME})",
        "",
        f"{found.pictures} rendered scenes (`{found.part}`), at the thresholds. Shown are the worst of each kind: the",
        "largest that were missed, the surest that were taken for something else or seen where nothing is.",
        "",
        "| category | there | missed | taken for something else | box fits badly, or twice | false alarms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {category} | {row.boxes} | {row.missed} | {row.confused} | {row.misplaced} | {row.false_alarms} |"
        for category, row in found.counts.items()
    ]
    return "\n".join(lines)


def _shown(failure: Failure) -> ShownFailure:
    path = failure.picture.path
    return ShownFailure(
        kind=failure.kind,
        scene="" if path is None else path.stem,
        category=failure.category,
        taken_for=failure.taken_for,
        confidence=None if failure.confidence is None else round(failure.confidence, 4),
    )
