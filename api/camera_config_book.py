"""Cameras as the API keeps them: sections checked, their secrets sealed, their changes in the case room's store."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.camera_config_rules import CameraRules, FileCamera
from api.problems import CameraReadOnly, FieldProblem, SectionRefused
from cases.camera_config_store import CameraConfigStore
from cases.camera_configs import CameraConfig, CameraDraft, CameraTaken, CameraUnknown
from cases.cameras import CameraRecord
from core.ids import CameraId
from streams.address import split_address
from streams.sealing import SEALED_FIELDS, Sealer, purpose_of

logger = logging.getLogger("gridpatrol.api.cameras")

WORKER_KEY = "worker"
"""Of a section over the API: which worker patrols the camera; a file's cameras are its own worker's."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, and when."""

    name: str
    at: datetime


class CameraBook:
    """
    Args:
        reported: what a worker last said of a camera, to tell one that stands in another machine's file.
    """

    def __init__(
        self,
        store: CameraConfigStore,
        rules: CameraRules,
        sealer: Sealer,
        reported: Callable[[CameraId], CameraRecord | None],
    ) -> None:
        self.store = store
        self._rules = rules
        self._sealer = sealer
        self._reported = reported

    def file_cameras(self) -> Sequence[FileCamera]:
        """Those that stand in this machine's configuration file."""
        return self._rules.file_cameras()

    def file_camera(self, camera_id: CameraId) -> FileCamera | None:
        return next((each for each in self._rules.file_cameras() if each.camera_id == camera_id), None)

    @property
    def worker_id(self) -> str:
        return self._rules.worker_id

    def add(self, sections: Sequence[Mapping[str, Any]], author: Author) -> tuple[CameraConfig, ...]:
        """All of them or none.

        Raises:
            SectionRefused: a section is not right.
            CameraReadOnly: an id stands in a configuration file.
            CameraTaken: an id is in use.
        """
        drafts, seen = [], set[str]()
        files = self._files()
        for number, section in enumerate(sections):
            at = f"cameras[{number}]." if len(sections) > 1 else ""
            draft = self._draft(section, None, at)
            self._refuse_file(draft.camera_id, files)
            if draft.camera_id in seen:
                raise CameraTaken(f"camera {draft.camera_id!r} is given twice; mend: give each camera its own id")
            seen.add(draft.camera_id)
            drafts.append(draft)
        kept = self.store.add(drafts, author.name, author.at)
        for config in kept:
            logger.info("camera %s added by %s for %s", config.camera_id, author.name, config.worker_id)
        return kept

    def replace(
        self, camera_id: CameraId, section: Mapping[str, Any], expected: int | None, author: Author
    ) -> CameraConfig:
        """A whole new section; a secret that it does not name stays, for nobody can read it back to name it."""
        before = self._own(camera_id)
        return self._changed(before, {"id": str(camera_id), **section}, expected, author)

    def amend(
        self, camera_id: CameraId, patch: Mapping[str, Any], expected: int | None, author: Author
    ) -> CameraConfig:
        """Some keys of the section anew (RFC 7396: null takes a key out)."""
        before = self._own(camera_id)
        standing = {**before.section, WORKER_KEY: before.worker_id, "enabled": before.enabled}
        merged = merge_patch(standing, patch)
        for name in SEALED_FIELDS:
            if name in patch:
                merged[name] = patch[name]  # null here is "take the sealed one away", not "nothing said"
        return self._changed(before, merged, expected, author)

    def opened(self, camera_id: CameraId, asked: Mapping[str, Any]) -> dict[str, Any]:
        """How a camera's feed is opened, with ``asked`` over what is kept; for a look from here, never for an answer.

        Its sealed secrets are opened only where host and user stay those that they were given for.

        Raises:
            CameraUnknown: nobody keeps it.
            SealError: they were sealed with another key.
        """
        file = self.file_camera(camera_id)
        if file is not None:
            return {**file.section, **asked}
        kept = self.store.get(camera_id)
        merged = {**kept.section, **{name: value for name, value in asked.items() if value is not None}}
        purpose = purpose_of(camera_id, kept.section)
        if has_same_door(kept.section, merged):
            for name in held_secrets(asked, kept):
                merged[name] = self._sealer.unseal(kept.sealed[name], purpose)
        return merged

    def switch(self, camera_id: CameraId, enabled: bool, expected: int | None, author: Author) -> CameraConfig:
        before = self._own(camera_id)
        return self._kept(replace(before.draft, enabled=enabled), expected, author)

    def remove(self, camera_id: CameraId, expected: int | None, author: Author) -> None:
        """Also one that stands in a file by now: this is the way out of having it twice."""
        try:
            self.store.remove(camera_id, expected, author.name, author.at)
        except CameraUnknown:
            self._refuse_file(camera_id, self._files())
            raise
        logger.info("camera %s removed by %s", camera_id, author.name)

    def _own(self, camera_id: CameraId) -> CameraConfig:
        """
        Raises:
            CameraReadOnly: it stands in a file.
            CameraUnknown: nobody keeps it.
        """
        self._refuse_file(camera_id, self._files())
        return self.store.get(camera_id)

    def _files(self) -> Mapping[CameraId, FileCamera]:
        return {each.camera_id: each for each in self._rules.file_cameras()}

    def _refuse_file(self, camera_id: CameraId, files: Mapping[CameraId, FileCamera]) -> None:
        file = files[camera_id].file if camera_id in files else ""
        if not file and (record := self._reported(camera_id)) is not None and record.kept_in:
            file = f"{record.kept_in} of {record.worker_id}"
        if file:
            raise CameraReadOnly(f"camera {camera_id!r} stands in {file} and is read-only here; mend: edit that file")

    def _changed(
        self, before: CameraConfig, section: Mapping[str, Any], expected: int | None, author: Author
    ) -> CameraConfig:
        if section.get("id") != before.camera_id:
            raise refused("id", "cannot be changed; mend: remove this camera, add another")
        return self._kept(self._draft(section, before), expected, author)

    def _kept(self, draft: CameraDraft, expected: int | None, author: Author) -> CameraConfig:
        config = self.store.change(draft, expected, author.name, author.at)
        logger.info("camera %s changed by %s, revision %d", draft.camera_id, author.name, config.revision)
        return config

    def _draft(self, section: Mapping[str, Any], before: CameraConfig | None, at: str = "") -> CameraDraft:
        asked = dict(section)
        worker_id = asked.pop(WORKER_KEY, None) or (before.worker_id if before else self._rules.worker_id)
        if not isinstance(worker_id, str) or not worker_id.isprintable() or len(worker_id) > 200:
            raise refused(f"{at}{WORKER_KEY}", "is no worker's id")
        held = held_secrets(asked, before)
        for name in SEALED_FIELDS:
            if asked.get(name) is None:
                asked.pop(name, None)
        try:
            checked = self._rules.check(asked, held)
        except SectionRefused as refusal:
            raise refusal.within(at) from None
        purpose = purpose_of(checked.camera_id, checked.section)
        stray = held - set(checked.secrets)
        if before is not None and stray and purpose_of(before.camera_id, before.section) != purpose:
            raise refused(min(stray), "was given for another host or user; mend: give it again, or null for none")
        sealed = {name: before.sealed[name] for name in sorted(stray)} if before is not None else {}
        sealed |= {name: self._sealer.seal(secret, purpose) for name, secret in checked.secrets.items()}
        return CameraDraft(checked.camera_id, worker_id, checked.section, sealed, checked.enabled)


def has_same_door(kept: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether both name the same host, port and user; an address that cannot be read is another one."""
    try:
        split = split_address(str(asked["url"]))
        section = {"url": split.url, "username": split.username or asked.get("username")}
        return purpose_of(CameraId(""), kept) == purpose_of(CameraId(""), section)
    except ValueError:
        return False


def refused(field: str, message: str) -> SectionRefused:
    return SectionRefused([FieldProblem(field=field, message=message)])


def held_secrets(asked: Mapping[str, Any], before: CameraConfig | None) -> frozenset[str]:
    """Which sealed secrets stay: those that the section says nothing of, and a url's own only with that url."""
    if before is None:
        return frozenset()
    has_new_url = "url" in asked and asked["url"] != before.section.get("url")
    return frozenset(
        name for name in before.sealed if name not in asked and not (name == "secret_query" and has_new_url)
    )


def merge_patch(standing: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396 on one level of sections below."""
    merged = dict(standing)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = merge_patch(merged[name], value)
        else:
            merged[name] = value
    return merged
