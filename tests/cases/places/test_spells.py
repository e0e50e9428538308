"""What holds from day to day never overlaps, and a stand-in leaves the usual one in its place."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.places.errors import PlaceRefused
from cases.places.spells import Spell, ended, taken_in

TODAY = date(2026, 5, 20)


def day(number: int) -> date:
    return date(2026, 5, number)


def take(standing: tuple[Spell, ...], *wanted: Spell) -> tuple[Spell, ...]:
    for spell in wanted:
        standing = taken_in(standing, spell, TODAY, "units.csv: line 2")
    return standing


def test_the_first_one_holds_from_the_beginning_and_another_from_today() -> None:
    first, second = take((), Spell(("环卫一所",)), Spell(("环卫二所",)))
    assert (first.first, first.last) == (None, day(19))
    assert (second.first, second.last) == (day(20), None)


def test_the_same_value_again_changes_nothing() -> None:
    standing = take((), Spell(("环卫一所",), day(1)))
    assert take(standing, Spell(("环卫一所",))) == standing
    assert take(standing, Spell(("环卫一所",), day(1))) == standing


def test_a_weeks_stand_in_leaves_the_usual_unit_in_its_place() -> None:
    told = take((), Spell(("甲",), id=1), Spell(("乙",), day(4), day(10)))
    assert [(spell.value[0], spell.first, spell.last, spell.id) for spell in told] == [
        ("甲", None, day(3), 1),
        ("乙", day(4), day(10), None),
        ("甲", day(11), None, None),
    ]


def test_the_same_first_day_takes_the_new_value() -> None:
    (told,) = take((), Spell(("甲",), day(4), id=7), Spell(("乙",), day(4)))
    assert (told.value[0], told.id) == ("乙", 7)


def test_running_into_a_later_one_is_refused_with_line_and_mend() -> None:
    standing = take((), Spell(("甲",), day(10)))
    with pytest.raises(
        PlaceRefused, match=r"line 2: 乙 from 2026-05-04 runs into 甲 from 2026-05-10; give it a last day"
    ):
        take(standing, Spell(("乙",), day(4)))
    with pytest.raises(PlaceRefused, match="lies before its first"):
        take(standing, Spell(("乙",), day(4), day(3)))
    with pytest.raises(PlaceRefused, match="give a later day"):
        ended(standing[0], day(9), "unit 1")


DAYS = st.integers(1, 28).map(day)
SPELLS = st.builds(
    lambda value, first, length: Spell((value,), first, None if length is None or first is None else first + length),
    st.sampled_from("甲乙丙"),
    st.none() | DAYS,
    st.none() | st.integers(0, 20).map(lambda days: timedelta(days=days)),
)


@given(st.lists(SPELLS, max_size=8), DAYS)
def test_no_day_ever_has_two_and_a_new_one_counts_on_its_days(wanted: list[Spell], today: date) -> None:
    standing: tuple[Spell, ...] = ()
    for spell in wanted:
        try:
            after = taken_in(standing, spell, today, "line")
        except PlaceRefused:
            continue
        days = [date(2026, 4, 1) + timedelta(days=n) for n in range(100)]
        for each in days:
            counting = [kept for kept in after if kept.counts_on(each)]
            assert len(counting) <= 1
            before = [kept for kept in standing if kept.counts_on(each)]
            if spell.first is not None and spell.counts_on(each):
                assert counting[0].value == spell.value
            elif spell.first is not None and before and spell.first not in [kept.first for kept in standing]:
                assert counting[0].value == before[0].value, "other days keep what they had"
        standing = after
