"""Rain, light from ahead and dirt: what they do to a picture, and what of it stays from frame to frame."""

import numpy as np
import pytest

from models.scenes.weather_look import Lens, draw_lens, through_air

SIZE = (160, 90)
CLEAN = Lens(None, None, None)


def _display() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    checks = np.indices((90, 160)).sum(0) // 8 % 2
    return np.repeat(checks[..., None] * 0.6 + 0.2, 3, axis=2).astype(np.float64)


def test_a_clean_lens_on_a_dry_day_changes_nothing() -> None:
    display = _display()
    assert np.array_equal(through_air(display, CLEAN, "day", np.random.default_rng(1)), display)


def test_rain_takes_contrast_and_falls_elsewhere_in_the_next_picture() -> None:
    display = _display()
    first = through_air(display, CLEAN, "rain", np.random.default_rng(1))
    second = through_air(display, CLEAN, "rain", np.random.default_rng(2))
    assert first.std() < display.std()
    assert not np.array_equal(first, second)


def test_light_from_ahead_brightens_and_never_leaves_the_range() -> None:
    lens = draw_lens(np.random.default_rng(3), "backlight", SIZE)
    assert lens.glare is not None
    seen = through_air(_display(), lens, "backlight", np.random.default_rng(3))
    assert seen.mean() > _display().mean()
    assert 0 <= seen.min() <= seen.max() <= 1


def test_dirt_blurs_only_where_it_lies() -> None:
    dirt = np.zeros((90, 160), np.float32)
    dirt[:, :60] = 1
    display = _display()
    seen = through_air(display, Lens(dirt, None, None), "day", np.random.default_rng(1))
    assert np.array_equal(seen[:, 60:], display[:, 60:])
    assert seen[:, :50].std() < display[:, :50].std()


@pytest.mark.parametrize("light", ["day", "night", "rain", "backlight"])
def test_a_camera_keeps_its_glass(light: str) -> None:
    first, again = (draw_lens(np.random.default_rng(9), light, SIZE) for _ in range(2))
    for a, b in ((first.dirt, again.dirt), (first.drops, again.drops), (first.glare, again.glare)):
        assert (a is None and b is None) or np.array_equal(np.asarray(a), np.asarray(b))


def test_some_lenses_are_dirty_and_most_are_clean() -> None:
    dirty = sum(draw_lens(np.random.default_rng(seed), "day", SIZE).dirt is not None for seed in range(200))
    assert 30 < dirty < 90
