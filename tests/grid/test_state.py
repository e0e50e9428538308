"""A view's memory across a restart."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.errors import GridError
from grid.dedupe import DedupeState, state_from_json, state_to_json
from tests.grid.looks import STALL, VIEW, A, B, live, look, looks, seen

STATE, _ = live([*looks(0, 600, 60, seen(A)), look(610.25, seen(B, STALL)), look(620)])


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(state_to_json(STATE))
    return read


def test_a_state_comes_back_as_it_was() -> None:
    assert state_from_json(state_to_json(STATE)) == STATE
    empty = DedupeState(VIEW)
    assert state_from_json(state_to_json(empty)) == empty
    assert document()["version"] == 1
    assert "\n" not in state_to_json(STATE)


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_state_of_another_version_is_refused(version: int) -> None:
    with pytest.raises(GridError, match=rf"has version {version}, this Gridpatrol knows 1; .*delete it"):
        state_from_json(json.dumps({**document(), "version": version}))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"version": "1"}', '{"version": null}', "\x00"])
def test_text_that_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(GridError, match=r"is not readable: .*; delete it"):
        state_from_json(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cell", 3),
        ("first_seen_at", "2026-05-01T08:00:00"),
        ("last_seen_at", "yesterday"),
        ("recent", "110"),
        ("recent", [1, 0]),
        ("object_count", 0),
        ("confidence", None),
        ("next_sequence", -1),
        ("misses", 1.5),
        ("colour", "red"),
        ("reported_at", None),
    ],
)
def test_a_damaged_track_is_refused(key: str, value: object) -> None:
    damaged = document()
    damaged["tracks"][0][key] = value
    with pytest.raises(GridError, match=r"damaged|confirmed, but never reported"):
        state_from_json(json.dumps(damaged))


@pytest.mark.parametrize("key", ["view_id", "last_at", "tracks", "dropped"])
def test_a_missing_field_is_named(key: str) -> None:
    damaged = document()
    del damaged[key]
    with pytest.raises(GridError, match=f"damaged: {key}: "):
        state_from_json(json.dumps(damaged))


def test_a_damaged_place_is_named_by_its_path() -> None:
    damaged = document()
    damaged["tracks"][1]["misses"] = "many"
    with pytest.raises(GridError, match=r"damaged: tracks\.1\.misses: "):
        state_from_json(json.dumps(damaged))


def test_a_track_whose_times_carry_no_zone_is_refused() -> None:
    (track, *_) = STATE.tracks
    with pytest.raises(GridError, match="has no time zone"):
        replace(track, last_seen_at=track.last_seen_at.replace(tzinfo=None))
