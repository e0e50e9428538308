"""The card's tables come from the manifest: filled in place, refused where the manifest has nothing to say."""

import json
import shutil
from pathlib import Path

import pytest

from core.errors import ModelError
from models.card import fill_card, write_card
from models.registry import CARD_NAME, DEFAULT_MODEL, MANIFEST_NAME, WEIGHTS_FOLDER

SHIPPED = WEIGHTS_FOLDER / DEFAULT_MODEL


def test_the_shipped_card_says_what_its_manifest_says() -> None:
    text = (SHIPPED / CARD_NAME).read_text(encoding="utf-8")
    assert "<!-- figures:val -->" in text
    assert "<!-- reliability -->" in text
    assert "<!-- failures -->" in text
    assert fill_card(text, SHIPPED) == text


def test_a_figure_changed_by_hand_is_put_right(tmp_path: Path) -> None:
    package = shutil.copytree(SHIPPED, tmp_path / "package")
    card = package / CARD_NAME
    wanted = card.read_text(encoding="utf-8")
    line = next(line for line in wanted.splitlines() if line.startswith("| exposed_garbage |"))
    card.write_text(wanted.replace(line, "| exposed_garbage | 154 | 0.99 |"), encoding="utf-8")
    assert write_card(package)
    assert card.read_text(encoding="utf-8") == wanted
    assert not write_card(package)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<!-- figures:moon -->\n<!-- /figures -->", "figures of 'moon'"),
        ("<!-- fact:author --><!-- /fact -->", "the fact 'author'"),
    ],
    ids=["part", "fact"],
)
def test_a_place_the_manifest_cannot_fill_is_named(text: str, named: str) -> None:
    with pytest.raises(ModelError, match=named):
        fill_card(text, SHIPPED)


def test_a_card_of_weights_that_were_not_measured_is_not_filled(tmp_path: Path) -> None:
    package = shutil.copytree(SHIPPED, tmp_path / "package")
    manifest = package / MANIFEST_NAME
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(content | {"sha256": "b" * 64}), encoding="utf-8")
    with pytest.raises(ModelError, match="measured on other weights"):
        write_card(package)


def test_a_package_without_a_card_is_told_to_get_one(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / MANIFEST_NAME, tmp_path / MANIFEST_NAME)
    with pytest.raises(ModelError, match="mend: write the card first"):
        write_card(tmp_path)
