"""Looking through pictures and videos on disk, as fast as the cores allow, in order."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.cores import usable_cores
from core.detections import Detection
from core.errors import FeedError, PatrolError
from core.ids import CameraId
from detector.ports import Detector
from streams.clip_kinds import HEAD_BYTES, clip_kind
from streams.frames import Image, ImagePicture, Picture
from streams.sources import PassEnd
from streams.spec import FeedSpec
from streams.video import VideoSource

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
VIDEOS = frozenset(
    {".mp4", ".mkv", ".avi", ".mov", ".webm", ".ts", ".flv", ".m4v", ".h264", ".h265", ".wmv", ".mpg", ".mpeg", ".ps"}
    | {".dav", ".264", ".265", ".hevc", ".m2ts", ".mts", ".3gp", ".asf", ".vob"}
)
"""What cameras, recorders and telephones write; ``.dav`` is Dahua's."""
AHEAD_PER_WORKER = 2
"""Pictures in hand per worker: enough to keep every core busy, few enough to bound memory."""


class PictureUnreadable(PatrolError):
    """A file that is not a picture or video we can decode."""


@dataclass(frozen=True, slots=True)
class Look:
    """One picture to look at; a video gives one a key frame (or one a frame)."""

    source: Path
    frame: int | None
    """Counts from 0: the frames looked at, so key frames unless every frame is; None for a picture."""
    time_s: float | None
    load: Callable[[], Picture]


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found."""

    look: Look
    detections: tuple[Detection, ...]
    picture: Picture

    @property
    def width_px(self) -> int:
        return self.picture.width_px

    @property
    def height_px(self) -> int:
        return self.picture.height_px

    @property
    def image(self) -> Image:
        """The whole picture, BGR."""
        return self.picture.whole()

    def as_json(self) -> dict[str, object]:
        """One JSON line; boxes xyxy in source pixels."""
        return {
            "source": str(self.look.source),
            "frame": self.look.frame,
            "time_s": self.look.time_s,
            "width": self.width_px,
            "height": self.height_px,
            "detections": [
                {
                    "category": detection.category,
                    "confidence": round(detection.confidence, 5),
                    "box_xyxy": [round(value, 2) for value in detection.box.as_xyxy()],
                }
                for detection in self.detections
            ],
        }


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Every picture and video named, folders searched whole, in name order.

    Raises:
        PictureUnreadable: a path does not exist, or a folder holds nothing to look at.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in PICTURES | VIDEOS and p.is_file())
            if not inside:
                raise PictureUnreadable(f"{path}: no picture or video in this folder ({', '.join(sorted(PICTURES))} …)")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise PictureUnreadable(f"{path}: no such file or folder")
    return files


def looks_in(path: Path, every_frame: bool = False) -> Iterator[Look]:
    """The looks one file asks for.

    Raises:
        PictureUnreadable: the video cannot be decoded.
    """
    if path.suffix.lower() in VIDEOS or (path.suffix.lower() not in PICTURES and _begins_as_clip(path)):
        yield from video_looks(path, every_frame)
    else:
        yield Look(path, None, None, lambda: ImagePicture(read_picture(path)))


def _begins_as_clip(path: Path) -> bool:
    """A recording may bear any name; what cannot be read is told by whoever reads it."""
    try:
        with path.open("rb") as file:
            return clip_kind(file.read(HEAD_BYTES)) is not None
    except OSError:
        return False


def read_picture(path: Path) -> Image:
    """BGR uint8 ``(H, W, 3)``."""
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise PictureUnreadable(f"{path}: cannot be read: {error.strerror}") from error
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error as error:  # a header that claims more pixels than can be
        raise PictureUnreadable(f"{path}: not a picture that can be decoded; its header is damaged") from error
    if image is None:
        raise PictureUnreadable(f"{path}: not a picture that can be decoded; it may be cut off")
    return np.asarray(image, dtype=np.uint8)


def video_looks(path: Path, every_frame: bool) -> Iterator[Look]:
    """Key frames by default, as a camera's feed gives them.

    Raises:
        PictureUnreadable: at the end, when pictures inside were damaged and passed over, or none could be decoded.
    """
    address = str(path.absolute())
    spec = FeedSpec(id=CameraId("clip"), url=address, kind="file", full_decode=every_frame)
    number = damaged = 0
    fault = ""
    try:
        with closing(VideoSource(spec)) as source:
            source.open()
            for item in source.candidates(lambda: None):
                if isinstance(item, PassEnd):
                    break
                picture = item.decode()
                if picture is None:
                    damaged += 1
                    continue
                time_s = None if item.pts_s is None else round(item.pts_s, 3)
                yield Look(path, number, time_s, lambda picture=picture: picture)  # type: ignore[misc]  # binds this frame
                number += 1
    except FeedError as error:
        fault = str(error).removeprefix("clip: ").replace(f"{address} ", "it ", 1)
    if fault:
        raise PictureUnreadable(f"{path}: cannot be decoded: {fault}")
    if damaged or not number:
        raise PictureUnreadable(
            f"{path}: damaged or cut off: {number} pictures could be decoded, {damaged} pieces could not"
        )


class Survey:
    """A pool of single-thread detectors: on a CPU these together beat one detector on every core.

    Args:
        new_detector: called once in each worker; a detector belongs to one thread.
        workers: 0 for one a core.
    """

    def __init__(self, new_detector: Callable[[], Detector], workers: int = 0) -> None:
        self._workers = workers or usable_cores()
        self._new_detector = new_detector
        self._mine = threading.local()

    def run(self, looks: Iterable[Look]) -> Iterator[Found | PictureUnreadable]:
        """Results in the order of the looks; an unreadable picture comes back as its error."""
        hand: deque[Future[Found | PictureUnreadable]] = deque()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="survey")
        try:
            for look in looks:
                hand.append(pool.submit(self._look, look))
                if len(hand) >= self._workers * AHEAD_PER_WORKER:
                    yield hand.popleft().result()
            while hand:
                yield hand.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _look(self, look: Look) -> Found | PictureUnreadable:
        try:
            picture = look.load()
        except PictureUnreadable as error:
            return error
        detections = self._detector().detect(picture)
        return Found(look, detections, picture)

    def _detector(self) -> Detector:
        detector: Detector | None = getattr(self._mine, "detector", None)
        if detector is None:
            detector = self._mine.detector = self._new_detector()
        return detector
