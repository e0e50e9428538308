"""The style sheet's colour pairs against WCAG 2.2, level AA: 4.5 to 1 for text, 3 to 1 for edges of controls."""

import re

import pytest

from desk import STATIC_FOLDER

LIGHT, DARK = ((STATIC_FOLDER / name).read_text(encoding="utf-8") for name in ("desk.css", "dark.css"))
GROUNDS = ("ground", "surface", "raised")
INKS = ("text", "muted", "accent", "good", "warn", "bad", "tone-0", "tone-1", "tone-2", "tone-3")
PAIRS = (
    *((ink, ground) for ink in INKS for ground in GROUNDS),
    *((ink, f"{ink}-soft") for ink in ("good", "warn", "bad", "accent")),
    ("on-accent", "accent"),
    ("text", "accent-soft"),
    ("text", "flash"),
    ("muted", "idle-soft"),
    ("muted", "accent-soft"),
    ("bar-text", "bar"),
    ("bar-muted", "bar"),
)


def colours(theme: str) -> dict[str, str]:
    """The theme's custom properties; dark overrides light."""
    blocks = [re.findall(r":root \{(.*?)\}", text, re.DOTALL) for text in (LIGHT, DARK)]
    assert [len(found) for found in blocks] == [1, 1]
    wanted = [found[0] for found in (blocks if theme == "dark" else blocks[:1])]
    return {name: value for block in wanted for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)}


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read_for_eight_hours(theme: str, ink: str, ground: str) -> None:
    known = colours(theme)
    assert contrast(known[ink], known[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_field_can_be_seen(theme: str, ground: str) -> None:
    known = colours(theme)
    assert contrast(known["line-strong"], known[ground]) >= 3


def test_the_style_sheet_and_scripts_reach_for_nothing_outside() -> None:
    for file in (each for each in STATIC_FOLDER.iterdir() if each.is_file()):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(", text), file.name
