"""Cut-out objects put onto other streets, in the scale, light and sharpness of the street."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cutouts import CutOut
from models.datasets import LabelledBox
from models.windows import LabelledImage, Picture

SMALLEST, LARGEST = 0.12, 0.55
"""The pasted object's longer side as a share of the background's."""
FOOT_FROM = 0.45
"""Objects stand with their foot below this share of the picture's height: above it is mostly sky and walls."""
LIGHT_TAKEN = 0.6
"""How far the object's brightness goes over to the background's around it; all the way would make dark goods grey."""
MOST_HIDDEN = 0.5
"""A label of the background that the paste covers further than this is dropped with it."""
_TRIES = 12


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cut-out goes, in the background's pixels."""

    left: int
    top: int
    width: int
    height: int


def paste(background: LabelledImage, cut: CutOut, rng: np.random.Generator) -> LabelledImage | None:
    """The background with the object in it and labelled; None where no place leaves the other labels in sight."""
    place = _find_place(background, cut, rng)
    if place is None:
        return None
    how = cv2.INTER_AREA if place.width < cut.pixels.shape[1] else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(cut.pixels, (place.width, place.height), interpolation=how), dtype=np.float32)
    alpha = np.asarray(cv2.resize(cut.alpha, (place.width, place.height), interpolation=how), dtype=np.float32)
    if rng.random() < 0.5:
        pixels, alpha = pixels[:, ::-1], alpha[:, ::-1]
    under = background.pixels[place.top : place.top + place.height, place.left : place.left + place.width]
    lit = _in_the_light_of(pixels, under, alpha)
    soft = _as_soft_as(lit, background.pixels)
    out = background.pixels.copy()
    _cast_shadow(out, place, rng)
    region = out[place.top : place.top + place.height, place.left : place.left + place.width]
    blended = alpha[..., None] * soft + (1 - alpha[..., None]) * region
    region[:] = np.clip(blended, 0, 255).astype(np.uint8)
    box = LabelledBox(
        cut.class_id,
        (float(place.left), float(place.top), float(place.left + place.width), float(place.top + place.height)),
    )
    kept = tuple(b for b in background.boxes if _hidden_share(b, box) <= MOST_HIDDEN)
    return LabelledImage(out, (*kept, box))


def _find_place(background: LabelledImage, cut: CutOut, rng: np.random.Generator) -> _Place | None:
    height, width = background.pixels.shape[:2]
    for _ in range(_TRIES):
        share = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
        foot = rng.uniform(FOOT_FROM, 1.0)
        # Farther things stand higher in the picture and are smaller.
        share *= 0.6 + 0.4 * (foot - FOOT_FROM) / (1 - FOOT_FROM)
        factor = share * max(height, width) / max(cut.pixels.shape[:2])
        if factor > 2:
            continue  # an object enlarged further is a blur that no camera makes
        w, h = round(cut.pixels.shape[1] * factor), round(cut.pixels.shape[0] * factor)
        top, left = round(foot * height) - h, int(rng.integers(max(1, width - w + 1)))
        if min(w, h) < 16 or top < 0 or left + w > width or top + h > height:
            continue
        place = _Place(left, top, w, h)
        box = LabelledBox(cut.class_id, (float(left), float(top), float(left + w), float(top + h)))
        if all(_hidden_share(other, box) < 0.15 for other in background.boxes):
            return place
    return None


def _in_the_light_of(pixels: NDArray[np.float32], under: Picture, alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Brightness and tint moved towards what the object will cover."""
    weights = alpha / max(float(alpha.sum()), 1.0)
    own = (pixels * weights[..., None]).sum(axis=(0, 1))
    street = under.reshape(-1, 3).mean(axis=0)
    gain = float(np.clip((street.mean() + 12) / (own.mean() + 12), 0.35, 1.8)) ** LIGHT_TAKEN
    tint = np.clip((street + 30) / (street.mean() + 30), 0.8, 1.25) ** 0.5
    return np.asarray(pixels * gain * tint, dtype=np.float32)


def _as_soft_as(pixels: NDArray[np.float32], background: Picture) -> NDArray[np.float32]:
    """Blurred until it is no sharper than the background's sharp tenth."""
    grey = cv2.cvtColor(background, cv2.COLOR_BGR2GRAY)
    wanted = float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 90))
    for sigma in (0.0, 0.5, 0.8, 1.2, 1.8):
        soft = cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma else pixels
        own_grey = cv2.cvtColor(np.clip(soft, 0, 255).astype(np.uint8), cv2.COLOR_BGR2GRAY)
        if float(np.percentile(np.abs(cv2.Laplacian(own_grey, cv2.CV_32F)), 90)) <= wanted * 1.15:
            break
    return np.asarray(soft, dtype=np.float32)


def _cast_shadow(out: Picture, place: _Place, rng: np.random.Generator) -> None:
    """A soft dark patch where the object meets the ground."""
    dark = np.zeros(out.shape[:2], np.float32)
    centre = (
        place.left + place.width // 2,
        min(out.shape[0] - 1, place.top + place.height - max(1, place.height // 20)),
    )
    cv2.ellipse(dark, centre, (int(place.width * 0.52), max(2, int(place.height * 0.09))), 0, 0, 360, 1.0, -1)
    dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), max(1.0, place.height * 0.04)), dtype=np.float32)
    out[:] = (out * (1 - rng.uniform(0.25, 0.6) * dark[..., None])).astype(np.uint8)


def _hidden_share(under: LabelledBox, over: LabelledBox) -> float:
    ux0, uy0, ux1, uy1 = under.box
    ox0, oy0, ox1, oy1 = over.box
    shared = max(0.0, min(ux1, ox1) - max(ux0, ox0)) * max(0.0, min(uy1, oy1) - max(uy0, oy0))
    return shared / max(1e-6, (ux1 - ux0) * (uy1 - uy0))


def paste_in_turn(
    cuts: Sequence[CutOut], backgrounds: Sequence[LabelledImage], count: int, rng: np.random.Generator
) -> list[LabelledImage]:
    """``count`` pictures: classes in turn, each class's cut-outs in random order, one or two objects a picture."""
    by_class = {c: [cut for cut in cuts if cut.class_id == c] for c in sorted({cut.class_id for cut in cuts})}
    classes = list(by_class)
    made: list[LabelledImage] = []
    for number in range(count):
        image = backgrounds[int(rng.integers(len(backgrounds)))]
        for extra in range(1 + int(rng.random() < 0.4)):
            of_class = by_class[classes[(number + extra) % len(classes)]]
            image = paste(image, of_class[int(rng.integers(len(of_class)))], rng) or image
        made.append(image)
    return made
