"""Which model a site runs: packages kept where nothing changes them, and a ledger of promotions and roll-backs.

``<data_dir>/models/`` holds one folder a package (``NAME-VERSION-sha8``) and ``active.json``, the ledger. It is
replaced whole and atomically; the site's configuration names the model that runs before the first promotion.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from core.errors import ModelError
from models.manifest import Manifest, ModelPackage, load_package
from models.registry import MANIFEST_NAME

LEDGER_NAME = "active.json"
_PLAIN_FOLDER = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Step(BaseModel):
    """One change of the active model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["promoted", "rolled_back"]
    at: AwareDatetime
    by: str
    folder: str | None = Field(pattern=_PLAIN_FOLDER)
    """The package that is active from now on; None: the one that the configuration names."""
    name: str
    version: str
    sha256: str
    """Of the weights."""
    manifest_sha256: str
    previous: str | None
    """``name version sha256`` of the one before, as people read it."""
    data_fingerprint: str | None = None
    """Of the pictures that it was judged on."""
    accepted_worse: str | None = None
    """Why a person took a model that is worse; None: it was not worse."""
    figures: dict[str, JsonValue] = Field(default_factory=dict)
    """The comparison with the one before, and both evaluations."""


class Ledger(BaseModel):
    """``active.json``: every change, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    steps: tuple[Step, ...] = ()

    @property
    def stack(self) -> tuple[Step, ...]:
        """The promotions that stand, the active one last; a roll-back takes the last one away."""
        standing: list[Step] = []
        for step in self.steps:
            if step.kind == "promoted":
                standing.append(step)
            elif standing:
                standing.pop()
        return tuple(standing)

    @property
    def active(self) -> Step | None:
        """The promotion whose package runs; None: the configuration's model does."""
        return self.stack[-1] if self.stack else None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who promotes, when, and on what figures."""

    at: datetime
    by: str
    figures: dict[str, JsonValue]
    data_fingerprint: str
    accepted_worse: str | None = None


class ModelShelf:
    """The models of one site.

    Args:
        folder: ``<data_dir>/models``; made when something is put there.
        initial: what the configuration names: a shipped model's name, or a folder.
    """

    def __init__(self, folder: Path, initial: str) -> None:
        self.folder = folder
        self._initial = initial

    @property
    def ledger_path(self) -> Path:
        return self.folder / LEDGER_NAME

    def ledger(self) -> Ledger:
        """Every change so far; none when there is no file.

        Raises:
            ModelError: the file is not one of ours.
        """
        try:
            return Ledger.model_validate_json(self.ledger_path.read_bytes())
        except FileNotFoundError:
            return Ledger()
        except (OSError, ValidationError) as error:
            raise ModelError(
                f"{self.ledger_path} cannot be read ({type(error).__name__}); mend: restore it from its backup, or "
                "remove it to run the model that the configuration names"
            ) from error

    def signature(self) -> tuple[int, int, int] | None:
        """Changes whenever the ledger does: one ``stat``, cheap enough to ask all the time; None: there is none."""
        try:
            facts = self.ledger_path.stat()
        except OSError:
            return None
        return (facts.st_mtime_ns, facts.st_size, facts.st_ino)

    def active(self) -> ModelPackage:
        """The package that is to run, verified.

        Raises:
            ModelError: it is not the one that was promoted.
        """
        return self.package_of(self.ledger().active)

    def package_of(self, step: Step | None) -> ModelPackage:
        """A promotion's package, verified against what was promoted; None: the configuration's.

        Raises:
            ModelError: it is missing, or its manifest or weights were changed.
        """
        if step is None or step.folder is None:
            return load_package(self._initial)
        folder = self.folder / step.folder
        package = load_package(folder)
        found = _sha256(folder / MANIFEST_NAME)
        if found != step.manifest_sha256 or package.manifest.sha256 != step.sha256:
            raise ModelError(
                f"{folder} is not the package that was promoted: its manifest was changed since; mend: promote a sound "
                "package, or `gridpatrol models rollback`"
            )
        return package

    def promote(self, package: ModelPackage, instead_of: Step | None, approval: Approval) -> Step:
        """Copy a package onto the shelf and make it the active one.

        Args:
            instead_of: the active promotion that it was judged against.

        Raises:
            ModelError: another was promoted meanwhile, or the shelf cannot be written.
        """
        before = self.package_of(instead_of)
        manifest_sha256 = _sha256(package.weights_path.parent / MANIFEST_NAME)
        step = Step(
            kind="promoted",
            at=approval.at,
            by=approval.by,
            folder=self._keep(package, manifest_sha256),
            name=package.manifest.name,
            version=package.manifest.version,
            sha256=package.manifest.sha256,
            manifest_sha256=manifest_sha256,
            previous=_named(before.manifest),
            data_fingerprint=approval.data_fingerprint,
            accepted_worse=approval.accepted_worse,
            figures=approval.figures,
        )
        self.package_of(step)  # the copy itself is what will run
        self._append(step, instead_of)
        return step

    def rollback(self, at: datetime, by: str) -> Step:
        """Make the one before the active promotion active again; its package is verified first.

        Raises:
            ModelError: nothing was promoted, or the one before is not sound.
        """
        stack = self.ledger().stack
        if not stack:
            raise ModelError("no model was promoted here, so there is none to go back from; mend: nothing to do")
        target = stack[-2] if len(stack) > 1 else None
        package = self.package_of(target)
        active = stack[-1]
        step = Step(
            kind="rolled_back",
            at=at,
            by=by,
            folder=None if target is None else target.folder,
            name=package.manifest.name,
            version=package.manifest.version,
            sha256=package.manifest.sha256,
            manifest_sha256=_sha256(package.weights_path.parent / MANIFEST_NAME),
            previous=f"{active.name} {active.version} {active.sha256}",
        )
        self._append(step, active)
        return step

    def _keep(self, package: ModelPackage, manifest_sha256: str) -> str:
        """A read-only copy on the shelf; one that is there already is used when it is whole."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "-", f"{package.manifest.name}-{package.manifest.version}").lstrip("-._")
        name = f"{plain or 'model'}-{manifest_sha256[:8]}"
        target = self.folder / name
        source = package.weights_path.parent
        if self._is_whole(target, manifest_sha256):
            return name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".incoming-", dir=self.folder) as scratch:
                copy = Path(scratch) / name
                shutil.copytree(source, copy)
                for file in (path for path in copy.rglob("*") if path.is_file()):
                    file.chmod(0o444)
                load_package(copy)
                if target.exists():
                    os.replace(target, Path(scratch) / "damaged")
                os.replace(copy, target)
        except OSError as error:
            raise ModelError(
                f"{target} cannot be written ({error.strerror}); mend: free space or its rights"
            ) from error
        return name

    def _is_whole(self, folder: Path, manifest_sha256: str) -> bool:
        try:
            return _sha256(load_package(folder).weights_path.parent / MANIFEST_NAME) == manifest_sha256
        except ModelError:
            return False

    def _append(self, step: Step, instead_of: Step | None) -> None:
        ledger = self.ledger()
        if ledger.active != instead_of:
            raise ModelError("the active model has changed since it was judged against; mend: run the command again")
        content = Ledger(steps=(*ledger.steps, step)).model_dump_json(indent=1) + "\n"
        try:
            handle, name = tempfile.mkstemp(prefix=".active-", dir=self.folder)
            os.fchmod(handle, 0o644)  # the worker may be another user; nothing in it is secret
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.ledger_path)
        except OSError as error:
            raise ModelError(f"{self.ledger_path} cannot be written ({error.strerror}); mend: its disk") from error


def ancestry(manifest: Manifest, known: Sequence[Manifest]) -> tuple[str, ...]:
    """A model and what it was tuned from, youngest first, as far as the packages at hand can tell.

    A parent is told by its start weights, ``name sha256``. The package that was exported from those very weights, or
    where none says so the one of that name, tells of its own parents.
    """
    lines = [_named(manifest)]
    met = {manifest.sha256}
    waiting = list(manifest.parents)
    while waiting:
        parent = waiting.pop(0)
        name, _, sha256 = parent.rpartition(" ")
        exact = [other for other in known if sha256 in (other.checkpoint_sha256, other.sha256)]
        namesakes = [other for other in known if other.checkpoint_sha256 is None and Path(name).stem == other.name]
        found = next((other for other in (*exact, *namesakes) if other.sha256 not in met), None)
        lines.append(parent if found is None else f"{parent}  = {found.name} {found.version}")
        if found is not None:
            met.add(found.sha256)
            waiting += found.parents
    return tuple(lines)


def _named(manifest: Manifest) -> str:
    """``name version sha256``: one model as a line."""
    return f"{manifest.name} {manifest.version} {manifest.sha256}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
