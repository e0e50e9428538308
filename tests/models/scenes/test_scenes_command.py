"""``python -m models.scenes`` up to where Blender begins, and the line for the person who waits."""

import pytest

from models.scenes.__main__ import build_parser, parse_range, parse_size
from models.scenes.plans import seeds
from models.scenes.progress import Progress


def test_sizes_and_ranges_are_read() -> None:
    assert parse_size("640x360") == (640, 360)
    assert parse_range("5.4-6.2") == (5.4, 6.2)


@pytest.mark.parametrize("size", ["640", "641x360", "20x20", "640x-2", "9000x9000"])
def test_a_size_that_cannot_be_rendered_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["stills", "--first-seed", "1", "--out", "x", "--size", size])
    assert "--size" in capsys.readouterr().err


def test_a_range_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["lapse", "--first-seed", "1", "--out", "x", "--camera-heights", "high"])
    assert "LOW-HIGH" in capsys.readouterr().err


def test_a_lookalike_that_nobody_draws_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["stills", "--first-seed", "1", "--out", "x", "--lookalike", "circus"])
    assert "unloading" in capsys.readouterr().err


def test_two_processes_share_a_range_of_seeds_without_meeting() -> None:
    assert set(seeds(100, 5, 2)).isdisjoint(seeds(101, 5, 2))
    assert sorted([*seeds(100, 5, 2), *seeds(101, 5, 2)]) == list(range(100, 110))


def test_the_time_left_follows_from_what_was_rendered_and_not_from_what_was_there() -> None:
    progress = Progress(10)
    for _ in range(4):
        progress.skip()
    assert progress.left_s == 0
    progress.finish(10.0)
    progress.finish(20.0)
    assert progress.left_s == pytest.approx(60.0)
    assert progress.line("rd_000007") == "6/10 rd_000007  240/h  1 min 00 s left"


def test_hours_are_told_as_hours() -> None:
    progress = Progress(1001)
    progress.finish(9.0)
    assert progress.line("rd").endswith("2 h 30 min left")
