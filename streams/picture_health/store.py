"""Where the reference pictures lie: one small grey PNG a view, and a line of JSON that says when and for what."""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from core.clock import as_utc, isoformat_z
from core.errors import PatrolError
from core.ids import ViewId
from streams.picture_health.reference import Reference
from streams.picture_health.small import LONG_SIDE_PX


class ReferenceUnwritable(PatrolError):
    """A reference picture cannot be kept; the worker goes on with the one it has in memory."""


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A reference as it lies on the disk."""

    picture: Path
    taken_at: datetime
    signature: str
    """What the view was tied to when it was taken."""


class ReferenceStore:
    """The folder of reference pictures; bounded by the number of views, each a few tens of kilobytes.

    A reference that is removed from the folder is accepted anew by the worker: it takes the next one from what the
    view shows then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, view_id: ViewId) -> bool:
        return self._facts_path(view_id).exists()

    def kept(self, view_id: ViewId) -> KeptReference | None:
        """What is kept of a view; None when nothing is, or nothing readable."""
        try:
            facts = json.loads(self._facts_path(view_id).read_text(encoding="utf-8"))
            taken_at = as_utc(datetime.fromisoformat(facts["taken_at"]))
            return KeptReference(self._folder / Path(facts["picture"]).name, taken_at, str(facts["signature"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def load(self, view_id: ViewId, signature: str) -> Reference | None:
        """The reference of a view that is still tied to the ground as it was then; None: take a new one."""
        kept = self.kept(view_id)
        if kept is None or kept.signature != signature:
            return None
        try:
            raw = np.fromfile(kept.picture, dtype=np.uint8)
        except OSError:
            return None
        try:
            luma = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE) if raw.size else None
        except cv2.error:  # a header that claims more pixels than can be
            return None
        if luma is None or max(luma.shape) > LONG_SIDE_PX:
            return None
        return Reference(np.asarray(luma, dtype=np.uint8), kept.taken_at)

    def save(self, view_id: ViewId, signature: str, reference: Reference) -> None:
        """Keep a view's reference in place of the one before.

        Raises:
            ReferenceUnwritable: the folder cannot be written.
        """
        coded = cv2.imencode(".png", reference.luma)[1].tobytes()
        name = self._name(view_id)
        picture = self._folder / f"{name}-{sha256(coded).hexdigest()[:8]}.png"
        facts = {
            "view_id": view_id,
            "picture": picture.name,
            "taken_at": isoformat_z(reference.taken_at),
            "signature": signature,
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written = self._folder / f"{name}.new"
            picture.write_bytes(coded)
            written.write_text(json.dumps(facts, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(written, self._facts_path(view_id))
            for older in self._pictures(view_id):
                if older != picture:
                    older.unlink(missing_ok=True)
        except OSError as error:
            raise ReferenceUnwritable(
                f"{self._folder}: the reference picture of {view_id} cannot be kept ({error.strerror}); "
                "mend: free disk space or mend the folder's rights; until then a restart takes a new one"
            ) from error

    def drop(self, view_id: ViewId) -> bool:
        """Forget a view's reference; False when there was none.

        Raises:
            ReferenceUnwritable: it cannot be removed.
        """
        was_there = self.holds(view_id)
        try:
            self._facts_path(view_id).unlink(missing_ok=True)
            for picture in self._pictures(view_id):
                picture.unlink(missing_ok=True)
        except OSError as error:
            raise ReferenceUnwritable(
                f"{self._folder}: the reference picture of {view_id} cannot be removed ({error.strerror}); "
                "mend: run as the worker's own user, or mend the folder's rights"
            ) from error
        return was_there

    def _pictures(self, view_id: ViewId) -> list[Path]:
        return list(self._folder.glob(f"{self._name(view_id)}-*.png"))

    def _facts_path(self, view_id: ViewId) -> Path:
        return self._folder / f"{self._name(view_id)}.json"

    @staticmethod
    def _name(view_id: ViewId) -> str:
        """A file's name for any view: readable where it can be, its own in every case."""
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", view_id)[:40]
        return f"{plain}.{sha256(view_id.encode()).hexdigest()[:12]}"
