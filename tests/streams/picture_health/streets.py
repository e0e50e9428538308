"""Streets drawn on the spot, wider than a camera sees, so that it can truly turn; and what can happen to one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from streams.decoded import DecodedPicture
from streams.frames import Image, ImagePicture, Luma
from streams.picture_health.findings import FindingKind
from streams.picture_health.judge import Judgement, ViewMemory, judge
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import small_luma

WIDTH, HEIGHT = 640, 360
ROOM_PX = 160
"""What there is of the street beyond each edge of the picture."""
NOON = datetime(2026, 5, 14, 4, 0, tzinfo=UTC)
STEP_S = 10.0
RULES = HealthRules(reference_s=60.0)

_GRAIN = np.random.default_rng(0).normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)

Scene = NDArray[np.float32]
"""``(H, W)`` or ``(H, W, 3)``, grey levels 0 to 255."""
Change = Callable[[Scene], Scene]


def canvas(seed: int = 1) -> Scene:
    """A street between houses: windows, doors, signs, kerbs, a road with marks, trees."""
    rng = np.random.default_rng(seed)
    width, height = WIDTH + 2 * ROOM_PX, HEIGHT + 2 * ROOM_PX
    street = np.full((height, width, 3), rng.uniform(95, 140), np.float32)
    ground = height // 2 + int(rng.integers(-20, 20))
    x = 0
    while x < width:  # house by house
        broad = int(rng.integers(60, 150))
        wall = rng.uniform(60, 190, 3)
        top = int(rng.integers(0, 60))
        cv2.rectangle(street, (x, top), (x + broad, ground), wall.tolist(), -1)
        for wx in range(x + int(rng.integers(6, 14)), x + broad - 12, int(rng.integers(22, 40))):
            for wy in range(top + int(rng.integers(8, 20)), ground - 24, int(rng.integers(28, 52))):
                shade = float(rng.uniform(15, 90)) if rng.random() < 0.8 else float(rng.uniform(180, 240))
                cv2.rectangle(street, (wx, wy), (wx + 12, wy + 18), (shade, shade, shade * 0.9), -1)
        sign = rng.uniform(20, 250, 3)
        cv2.rectangle(street, (x + 8, ground - 20), (x + broad - 10, ground - 6), sign.tolist(), -1)
        x += broad
    street[ground:] = street[ground:] * 0.3 + 70
    for _ in range(int(rng.integers(12, 20))):  # kerbs, marks, joints of the paving
        start = (int(rng.integers(0, width)), int(rng.integers(ground, height)))
        way = (int(rng.integers(-260, 260)), int(rng.integers(0, 90)))
        level = float(rng.choice([50, 190, 220]))
        cv2.line(street, start, (start[0] + way[0], start[1] + way[1]), (level, level, level), int(rng.integers(2, 7)))
    for _ in range(int(rng.integers(4, 8))):  # trees
        centre = (int(rng.integers(0, width)), ground - int(rng.integers(10, 90)))
        for _ in range(60):
            leaf = (centre[0] + int(rng.normal(0, 18)), centre[1] + int(rng.normal(0, 18)))
            level = float(rng.uniform(20, 110))
            cv2.circle(street, leaf, int(rng.integers(2, 6)), (level * 0.7, level, level * 0.6), -1)
    grain = cv2.GaussianBlur(rng.normal(0, 30, (height, width)).astype(np.float32), (0, 0), 1.5)
    return np.asarray(np.clip(street + np.asarray(grain)[..., None], 0, 255), dtype=np.float32)


def seen(street: Scene, right_px: int = 0, down_px: int = 0, turn_deg: float = 0.0, zoom: float = 1.0) -> Scene:
    """What the camera shows; turned to the right the scene goes to the left."""
    middle = (street.shape[1] / 2, street.shape[0] / 2)
    turned = street
    if turn_deg or zoom != 1.0:
        way = cv2.getRotationMatrix2D(middle, turn_deg, zoom)
        turned = np.asarray(cv2.warpAffine(street, way, (street.shape[1], street.shape[0])), dtype=np.float32)
    top, left = ROOM_PX + down_px, ROOM_PX + right_px
    return np.ascontiguousarray(turned[top : top + HEIGHT, left : left + WIDTH], dtype=np.float32)


def noisy(scene: Scene, seed: int, sigma: float = 2.0) -> Image:
    """Through a sensor, which is never still."""
    grain = np.roll(_GRAIN, (seed * 7919, seed * 104_729), axis=(0, 1))  # drawn once: tests take thousands
    return np.clip(scene + grain * np.float32(sigma), 0, 255).astype(np.uint8)


def little(image: Image) -> Luma:
    return small_luma(ImagePicture(image))


def through_h264(images: Sequence[Image], crf: int = 28) -> list[Luma]:
    """Each a key frame of a stream, decoded again."""
    held = BytesIO()
    with av.open(held, "w", format="mpegts") as container:
        stream: Any = container.add_stream("libx264", rate=4)
        stream.width, stream.height, stream.pix_fmt = images[0].shape[1], images[0].shape[0], "yuv420p"
        stream.gop_size, stream.options = 1, {"preset": "ultrafast", "crf": str(crf)}
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 4)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    held.seek(0)
    with av.open(held, mode="r") as stored:
        return [small_luma(DecodedPicture(frame)) for frame in stored.decode(video=0)]


# What can happen to a street, and to a camera.


def dusk(scene: Scene) -> Scene:
    return scene * 0.4 + 6


def contrast_turned_round(scene: Scene) -> Scene:
    """Infra-red light: what was dark is bright."""
    return 205 - scene * 0.7


def with_shadow(scene: Scene) -> Scene:
    """A house's shadow over half the street."""
    shade = np.zeros(scene.shape[:2], np.float32)
    cv2.fillPoly(shade, [np.array([[0, 150], [420, 60], [WIDTH, 260], [WIDTH, HEIGHT], [0, HEIGHT]])], 1.0)
    return scene * (1 - 0.55 * shade[..., None])


def at_night(scene: Scene) -> Scene:
    """Three lamps, and dark between them."""
    light = np.zeros(scene.shape[:2], np.float32)
    for x, y in ((120, 120), (330, 210), (540, 150)):
        cv2.circle(light, (x, y), 85, 1.0, -1)
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), 35), dtype=np.float32)
    return 18 + (scene - 16) * (0.03 + 0.6 * soft[..., None])


def in_fog(scene: Scene) -> Scene:
    return 185 + (scene - 185) * 0.35


def with_traffic(scene: Scene, seed: int = 5) -> Scene:
    """Six cars of any colour."""
    rng, full = np.random.default_rng(seed), scene.copy()
    for _ in range(6):
        x, y = int(rng.integers(0, WIDTH - 130)), int(rng.integers(HEIGHT // 2, HEIGHT - 70))
        body = rng.uniform(20, 230, 3)
        cv2.rectangle(full, (x, y), (x + int(rng.integers(70, 130)), y + 55), body.tolist(), -1)
        cv2.rectangle(full, (x + 12, y + 6), (x + 60, y + 24), (60, 60, 60), -1)
        cv2.circle(full, (x + 16, y + 55), 9, (15, 15, 15), -1)
    return full


def with_lorry(scene: Scene) -> Scene:
    """A plain lorry fills two thirds of the picture."""
    full = scene.copy()
    full[30:, 60:500] = 160
    return full


def covered(scene: Scene, share: float = 0.6, level: float = 120.0) -> Scene:
    """Something plain hangs before the lens, far out of focus."""
    mask = np.zeros(scene.shape[:2], np.float32)
    mask[:, : int(WIDTH * share)] = 1
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 15), dtype=np.float32)[..., None]
    return scene * (1 - soft) + level * soft


def out_of_focus(scene: Scene, sigma_px: float = 5.0) -> Scene:
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma_px), dtype=np.float32)


def burnt_out(scene: Scene) -> Scene:
    return scene * 1.5 + 190


def with_cap_on(scene: Scene) -> Scene:
    return np.full_like(scene, 3)


class View:
    """One camera under judgement, a picture each ``STEP_S``."""

    def __init__(self, rules: HealthRules = RULES, step_s: float = STEP_S) -> None:
        self.rules = rules
        self.step_s = step_s
        self.memory = ViewMemory()
        self.at = NOON
        self.shown = 0

    def show(self, scene: Scene, pictures: int = 1) -> list[Judgement]:
        """So many pictures of a scene, each with a noise of its own."""
        return [self.look(little(noisy(scene, self.shown + 1))) for _ in range(pictures)]

    def look(self, luma: Luma) -> Judgement:
        self.memory, said = judge(self.memory, luma, self.at, self.rules)
        self.at += timedelta(seconds=self.step_s)
        self.shown += 1
        return said

    @property
    def kinds(self) -> set[FindingKind]:
        return {finding.kind for finding in self.memory.findings}


def calibrated(scene: Scene, rules: HealthRules = RULES, step_s: float = STEP_S) -> View:
    """A view that has its reference."""
    view = View(rules, step_s)
    while view.memory.reference is None:
        assert view.shown < 60, "no reference was taken"
        view.show(scene)
    return view
