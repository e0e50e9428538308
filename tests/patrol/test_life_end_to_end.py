"""Verification, recurrence, permits and suppressions on rendered pictures, by the shipped model over the real API."""

from pathlib import Path

import pytest

from benchmarks.case_life import CHAPTERS, play

pytestmark = pytest.mark.timeout(420)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_case_lives_as_the_rules_say_on_rendered_pictures(tmp_path: Path, chapter: str) -> None:
    facts = play(chapter, tmp_path)
    assert len(facts) >= 6
    assert [fact for fact in facts if not fact.holds] == []
