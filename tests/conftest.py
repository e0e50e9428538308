"""What holds for every test."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
REAL_TIME = ("api", "benchmarks", "desk", "patrol", "streams")
"""Folders whose tests run real servers, browsers and workers against the wall clock, on whatever machine there is."""
TRIES = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test against the wall clock counts as failed when it fails three times in a row; each try is reported.

    A busy machine holds a thread up for seconds now and then; a fault of ours is there the third time too. Pure tests
    are never tried again.
    """
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in REAL_TIME:
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=1))
