"""The API's cameras as a worker gets them: asked for every few seconds, kept on the disk for when nobody answers."""

import json
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.errors import DeliveryError
from core.ids import CameraId
from patrol.api_client import ApiClient
from patrol.camera_fleet_wanted import KeptCamera, WantedCamera, wanted_from
from streams.sealing import Sealer

log = logging.getLogger(__name__)


class ApiCameras:
    """
    Args:
        kept: where the last list lies, so that a worker that starts without the API patrols what it knew; passwords
            in it are sealed.
    """

    def __init__(self, client: ApiClient, worker_id: str, kept: Path, sealer: Sealer) -> None:
        self._client = client
        self._path = f"/api/v1/workers/{quote(worker_id, safe='')}/cameras"
        self._file = kept
        self._sealer = sealer
        self._tag: str | None = None
        self._cameras: tuple[KeptCamera, ...] = ()
        self._known: dict[CameraId, tuple[KeptCamera, WantedCamera]] = {}
        self._trouble = ""
        self._disk_trouble = ""
        self._recall()
        self.wanted: Sequence[WantedCamera] = self._opened()

    @property
    def notices(self) -> Sequence[str]:
        return tuple(notice for notice in (self._trouble, self._disk_trouble) if notice)

    def look(self, is_urgent: bool = False) -> bool:
        """Ask once; True when there is something new to tell.

        A camera whose secret could not be opened is tried again: somebody may have put the right key there.
        """
        before = self.notices
        try:
            fetched = self._client.fetch(self._path, None if is_urgent else self._tag)
            cameras = None if fetched is None else cameras_in(fetched.body)
        except DeliveryError as error:
            self._trouble = self._told(f"cameras kept by the API stay as they are: {error}")
            return self.notices != before
        if self._trouble:
            log.info("cameras kept by the API: it answers again")
            self._trouble = ""
        if fetched is not None and cameras is not None:
            self._cameras, self._tag = cameras, fetched.tag
            self._keep(fetched.body)
        if cameras is None and not any(wanted.fault for wanted in self.wanted):
            return self.notices != before
        self.wanted = self._opened()
        return True

    def _opened(self) -> Sequence[WantedCamera]:
        """A camera that is as it was is not opened again: it goes on even if its key is gone by now."""
        before = self._known
        self._known = {}
        for camera in self._cameras:
            known = before.get(camera.camera_id)
            is_as_it_was = known is not None and known[0] == camera and not known[1].fault
            wanted = known[1] if known is not None and is_as_it_was else wanted_from(camera, self._sealer)
            self._known[camera.camera_id] = (camera, wanted)
        return tuple(wanted for _, wanted in self._known.values())

    def _told(self, trouble: str) -> str:
        """Once in the log, however often it is tried again."""
        if trouble != self._trouble:
            log.warning("%s; trying on", trouble)
        return trouble

    def _recall(self) -> None:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            self._cameras, self._tag = cameras_in(kept["list"]), kept["tag"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, DeliveryError) as error:
            log.error("%s cannot be read, the API is asked anew: %s", self._file.name, type(error).__name__)

    def _keep(self, body: Mapping[str, Any]) -> None:
        """Whole or not at all; readable by its owner only."""
        try:
            handle, beside = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as out:
                    json.dump({"tag": self._tag, "list": body}, out, ensure_ascii=False)
                os.replace(beside, self._file)
            except OSError:
                os.unlink(beside)
                raise
        except OSError as error:
            trouble = (
                f"{self._file.name} cannot be written ({error.strerror}); after a restart without the API the worker "
                "would patrol its cameras of before; mend: the data folder's rights or space"
            )
            if trouble != self._disk_trouble:
                log.error("%s", trouble)
            self._disk_trouble = trouble
        else:
            self._disk_trouble = ""


def kept_ids(file: Path) -> frozenset[str]:
    """Which cameras a worker last heard of; none where it never did."""
    try:
        return frozenset(
            camera.camera_id for camera in cameras_in(json.loads(file.read_text(encoding="utf-8"))["list"])
        )
    except (OSError, ValueError, KeyError, TypeError, DeliveryError):
        return frozenset()


def cameras_in(body: Mapping[str, Any]) -> tuple[KeptCamera, ...]:
    """
    Raises:
        DeliveryError: that is no list of a worker's cameras.
    """
    try:
        return tuple(
            KeptCamera(CameraId(str(row["id"])), dict(row["section"]), bool(row["enabled"]), dict(row["sealed"]))
            for row in body["cameras"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DeliveryError("an answer without a list of cameras; mend: worker.api_url") from error
