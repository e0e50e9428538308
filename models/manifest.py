"""What a model package says about its weights, and the check that the weights are those."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator, model_validator

from core.detections import ModelRef
from core.errors import ModelError
from core.ids import CategoryId
from models.probability import ConfidenceMap
from models.registry import CARD_NAME, MANIFEST_NAME, package_folder

Confidence = Annotated[float, Field(ge=0.0, le=1.0)]
ThresholdRule = Literal["precision", "best_f1", "by_hand", "nothing_found"]
STRIDE_PX = 32
_HASH_CHUNK_BYTES = 1 << 20


class Preprocessing(BaseModel):
    """How a picture becomes the network's input; one way today, written down so that a change is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resize: Literal["letterbox"] = "letterbox"
    """Kept aspect ratio, centred, enlarged where needed."""
    fill: int = Field(default=114, ge=0, le=255)
    """Grey level of the bars around the picture, 0 to 255."""
    interpolation: Literal["linear"] = "linear"
    channels: Literal["rgb"] = "rgb"
    scale: float = Field(default=1 / 255, gt=0)
    """Factor from 0..255 to the network's range."""


class ThresholdChoice(BaseModel):
    """How one threshold came about, with its figures on the pictures that chose it (IoU 0.5)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: ThresholdRule
    """``best_f1``: the wanted precision was out of reach. ``nothing_found``: there was nothing to choose from."""
    wanted_precision: float = Field(ge=0, le=1)
    parts: tuple[str, ...]
    """Of the data set, together."""
    boxes: int = Field(ge=0)
    """True boxes there: few say little."""
    precision: float = Field(ge=0, le=1)
    recall: float = Field(ge=0, le=1)


class Manifest(BaseModel):
    """The facts of one model package, as in its ``manifest.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    file: str = "model.onnx"
    """Weights, relative to the manifest."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    categories: tuple[str, ...] = Field(min_length=1)
    """In the order of the network's class index."""
    violations: tuple[str, ...]
    """Those categories that can become a case; the others are context."""
    input_size: tuple[int, int]
    """Height, width in pixels; multiples of 32. The size used where none is asked for."""
    other_input_sizes: tuple[tuple[int, int], ...] = ()
    """Further sizes that the weights take; empty for weights of one size."""
    preprocessing: Preprocessing = Preprocessing()
    thresholds: dict[str, Confidence]
    """Least confidence per category; every category has one."""
    threshold_choices: dict[str, ThresholdChoice] = Field(default_factory=dict)
    """Category -> how its threshold was chosen; empty for packages that were exported before this was kept."""
    probability: dict[str, ConfidenceMap] = Field(default_factory=dict)
    """Category -> confidence as a probability, fitted on the pictures that chose the thresholds."""
    nms_iou: float = Field(default=0.7, gt=0.0, le=1.0)
    metrics: dict[str, JsonValue] = Field(default_factory=dict)
    licence: str = Field(min_length=1)
    trained_on: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    """Weights this model was tuned from, as ``name sha256``."""
    checkpoint_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Of the training checkpoint that was exported; what a model tuned from it names among its ``parents``."""

    @field_validator("trained_on", "parents", mode="before")
    @classmethod
    def _one_line_is_a_list_of_one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("file")
    @classmethod
    def _weights_lie_beside_the_manifest(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or not path.name:
            raise ValueError("must be a file inside the package's folder, e.g. model.onnx")
        return value

    @field_validator("input_size")
    @classmethod
    def _input_size_fits_the_strides(cls, value: tuple[int, int]) -> tuple[int, int]:
        if any(side <= 0 or side % STRIDE_PX for side in value):
            raise ValueError(f"[height, width] must be positive multiples of {STRIDE_PX}")
        return value

    @field_validator("other_input_sizes")
    @classmethod
    def _other_input_sizes_fit_the_strides(cls, value: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple(cls._input_size_fits_the_strides(size) for size in value)

    @model_validator(mode="after")
    def _categories_agree(self) -> Self:
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("categories has a name twice")
        named: dict[str, Iterable[str]] = {
            "violations": self.violations,
            "thresholds": self.thresholds,
            "threshold_choices": self.threshold_choices,
            "probability": self.probability,
        }
        for field, names in named.items():
            unknown = sorted(set(names) - set(self.categories))
            if unknown:
                raise ValueError(f"{field} names {', '.join(unknown)}, which categories does not have")
        without = [name for name in self.categories if name not in self.thresholds]
        if without:
            raise ValueError(f"thresholds has no value for {', '.join(without)}")
        return self

    @property
    def input_sizes(self) -> tuple[tuple[int, int], ...]:
        """Every size that the weights take, the default first."""
        return (self.input_size, *self.other_input_sizes)

    def probability_of(self, category: str, confidence: float) -> float:
        """How likely a detection of this confidence is right; the confidence itself where no map was fitted."""
        known = self.probability.get(category)
        return confidence if known is None else known.probability_of(confidence)

    def size_or_default(self, wanted: tuple[int, int] | None) -> tuple[int, int]:
        """The input size to run at: height, width in pixels.

        Raises:
            ModelError: the weights do not take the wanted one.
        """
        if wanted is None:
            return self.input_size
        if wanted not in self.input_sizes:
            known = ", ".join(f"{height}x{width}" for height, width in self.input_sizes)
            raise ModelError(
                f"model {self.name!r} does not take {wanted[0]}x{wanted[1]} pixels (height x width); "
                f"mend: choose one of {known}, or export it for that size"
            )
        return wanted


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """Weights that were checked against their manifest."""

    manifest: Manifest
    weights_path: Path
    card_path: Path
    """The card for people; shown by ``gridpatrol models show``, not needed to run."""

    @property
    def ref(self) -> ModelRef:
        return ModelRef(self.manifest.name, self.manifest.sha256)

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        """In the order of the network's class index."""
        return tuple(CategoryId(name) for name in self.manifest.categories)

    def require_categories(self, wanted: Iterable[str]) -> None:
        """Refuse weights that cannot see what the patrol is asked to watch for.

        Raises:
            ModelError: naming the first category the model lacks, and the nearest it has.
        """
        for name in wanted:
            if name not in self.manifest.categories:
                nearest = get_close_matches(name, self.manifest.categories, n=1)
                hint = f"did you mean {nearest[0]!r}? " if nearest else ""
                raise ModelError(
                    f"model {self.manifest.name!r} cannot see category {name!r}; {hint}"
                    f"it knows {', '.join(self.manifest.categories)}: correct the category or choose another model"
                )


def load_package(name_or_path: str | Path) -> ModelPackage:
    """A model package by name or folder, with its weights' SHA-256 verified.

    Raises:
        ModelError: no such package, a manifest that does not hold, weights that are missing or are not those named.
    """
    folder = package_folder(name_or_path)
    manifest = read_manifest(folder / MANIFEST_NAME)
    weights_path = folder / manifest.file
    if not weights_path.is_file():
        raise ModelError(f"{weights_path} is missing; fetch the package {manifest.name!r} again (with its weights)")
    found = sha256_of(weights_path)
    if found != manifest.sha256:
        raise ModelError(
            f"{weights_path} is not the file its manifest names: expected sha256 {manifest.sha256}, found {found}; "
            f"fetch the package {manifest.name!r} again, or export it anew with `gridpatrol models export`"
        )
    return ModelPackage(manifest, weights_path, folder / CARD_NAME)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, without a look at the weights.

    Raises:
        ModelError: naming each field that does not hold.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}; check the file and its permissions") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'manifest'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise ModelError(f"{path} is not a usable manifest: {faults}; correct it or fetch the package again") from error


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write ``manifest.json`` into a package folder, as people read it (2-space JSON)."""
    path = folder / MANIFEST_NAME
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def sha256_of(path: Path) -> str:
    """Lower-case hex SHA-256 of a file, read in pieces.

    Raises:
        ModelError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}; check the file and its permissions") from error
    return digest.hexdigest()
