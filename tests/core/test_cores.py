"""A container's quota counts, not the machine's cores."""

from pathlib import Path

import pytest

from core.cores import usable_cores


@pytest.mark.parametrize(("quota", "at_most"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", 10_000)])
def test_a_quota_bounds_the_cores(tmp_path: Path, quota: str, at_most: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota + "\n", encoding="ascii")
    assert 1 <= usable_cores(file) <= at_most


@pytest.mark.parametrize("quota", ["", "much 5", "100000 0"])
def test_a_quota_that_cannot_be_read_is_none(tmp_path: Path, quota: str) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota, encoding="ascii")
    assert usable_cores(file) == usable_cores(tmp_path / "missing")
