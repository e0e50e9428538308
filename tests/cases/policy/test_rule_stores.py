"""Rules kept, changed by version, imported and removed, on both engines."""

import pytest
from sqlalchemy import Engine, select

from cases.access.tables import audit_entry
from cases.house import CaseHouse
from cases.policy.deciding import rules_version
from cases.policy.errors import PolicyRefused, RuleMovedOn, RuleTaken, RuleUnknown
from cases.policy.house import PolicyHouse
from cases.policy.permits import draft_of_text, drafts_of, feature_collection
from cases.policy.profile_store import ProfileDraft
from cases.policy.rules import AutoMode, Bar, Below, ProfileKind
from cases.store import CaseStore
from cases.transactions import reading
from tests.cases.policy.rules import permit, suppression
from tests.cases.reports import NOON, minute

FULL = {
    "categories": ("street_stall",),
    "cells": ("510104001001001", "510104001001002/3-4"),
    "hours": ({"days": ["fri", "sat"], "from": "18:00", "until": "01:00"},),
    "season": {"from": "04-15", "until": "10-31"},
    "note": "批复",
}


@pytest.fixture
def house(store: CaseStore) -> PolicyHouse:
    return CaseHouse.over(store).policy


def test_a_permit_comes_back_as_it_was_written(house: PolicyHouse) -> None:
    kept = house.permits.add(permit(**FULL), "王管理", NOON)
    assert house.permits.get(kept.permit.id) == kept
    again = permit(**FULL).ready(kept.permit.id)
    assert (kept.permit.hours, kept.permit.season, kept.permit.cells) == (again.hours, again.season, again.cells)
    assert (kept.added_by, kept.note, kept.rings) == ("王管理", "批复", permit().rings)


def test_a_permit_is_replaced_only_from_the_version_that_was_looked_at(house: PolicyHouse) -> None:
    kept = house.permits.add(permit(), "a", NOON)
    changed = house.permits.replace(kept.permit.id, permit(name="二期"), kept.revision, "b", minute(1))
    assert (changed.permit.name, changed.changed_by, changed.added_by) == ("二期", "b", "a")
    with pytest.raises(RuleMovedOn, match="changed by b"):
        house.permits.replace(kept.permit.id, permit(), kept.revision, "c", minute(2))
    with pytest.raises(RuleMovedOn):
        house.permits.remove(kept.permit.id, kept.revision, "c", minute(2))
    house.permits.remove(kept.permit.id, changed.revision, "c", minute(2))
    with pytest.raises(RuleUnknown):
        house.permits.get(kept.permit.id)


def test_a_number_in_use_is_refused_also_by_renaming(house: PolicyHouse) -> None:
    house.permits.add(permit(), "a", NOON)
    other = house.permits.add(permit(number="2"), "a", NOON)
    with pytest.raises(RuleTaken, match="permit:1"):
        house.permits.add(permit(), "a", NOON)
    with pytest.raises(RuleTaken):
        house.permits.replace(other.permit.id, permit(), None, "a", NOON)


def test_an_import_adds_changes_and_leaves_alone_all_or_nothing(house: PolicyHouse) -> None:
    house.permits.add(permit(**FULL), "a", NOON)
    house.permits.add(permit(number="stays"), "a", NOON)
    layer = feature_collection(house.permits.all())
    assert house.permits.import_all(drafts_of(layer, "f"), "b", minute(1)).unchanged == 2
    done = house.permits.import_all([permit(**FULL, name="改名"), permit(number="new")], "b", minute(2))
    assert (done.added, done.changed, done.unchanged) == (1, 1, 0)
    assert [kept.permit.name for kept in house.permits.all()] == ["改名", "夜市", "夜市"]
    with pytest.raises(PolicyRefused):
        house.permits.import_all([permit(number="4"), permit(number="5", rings=())], "b", minute(3))
    assert len(house.permits.all()) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}}]}', "number"),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"number": 7}}]}',
            "number 7 is not text",
        ),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"number": "7", '
            '"valid_from": "soon"}, "geometry": null}]}',
            "YYYY-MM-DD",
        ),
    ],
    ids=["broken", "no collection", "no number", "a number that is none", "no day"],
)
def test_a_file_that_is_no_layer_of_permits_is_refused_with_its_name(text: str, told: str) -> None:
    with pytest.raises(PolicyRefused, match=told) as refusal:
        draft_of_text(text, "permits.geojson")
    assert "permits.geojson" in str(refusal.value)


def test_a_layer_that_names_a_number_twice_is_refused(house: PolicyHouse) -> None:
    house.permits.add(permit(), "a", NOON)
    layer = feature_collection(house.permits.all())
    layer["features"] *= 2
    with pytest.raises(PolicyRefused, match="twice"):
        drafts_of(layer, "f")


def test_every_change_of_a_rule_raises_the_version(house: PolicyHouse, engine: Engine) -> None:
    def version() -> int:
        with reading(engine) as connection:
            return rules_version(connection)

    seen = [version()]
    kept = house.permits.add(permit(), "a", NOON)
    seen.append(version())
    house.permits.remove(kept.permit.id, None, "a", NOON)
    seen.append(version())
    stone = house.suppressions.add(suppression(expires_at=minute(9)), "a", NOON)
    seen.append(version())
    house.suppressions.remove(stone.suppression.id, "a", NOON)
    seen.append(version())
    house.profiles.add(ProfileDraft(kind=ProfileKind.GENERAL, name="g", bars={}), "a", NOON)
    seen.append(version())
    assert seen == sorted(set(seen))


def test_suppressions_are_listed_newest_first_and_those_that_ended_apart(house: PolicyHouse) -> None:
    for number in range(3):
        house.suppressions.add(suppression(reason=str(number), expires_at=minute(10 + number)), "a", NOON)
    house.suppressions.add(suppression(camera_id=None, polygons=(), cells=("9",), expires_at=minute(60)), "a", NOON)
    page = house.suppressions.page
    assert [kept.suppression.id for kept in page(None, 2)] == [4, 3]
    assert [kept.suppression.id for kept in page(3, 9)] == [2, 1]
    assert [kept.suppression.id for kept in page(None, 9, now=minute(11))] == [4, 3]
    assert [kept.suppression.id for kept in page(None, 9, cell_id="9")] == [4]
    assert [kept.suppression.id for kept in page(None, 9, camera_id="CAM-01")] == [3, 2, 1]


def test_a_profile_comes_back_as_it_was_written(house: PolicyHouse) -> None:
    bars = {"exposed_garbage": Bar(0.5, None, Below.SUPPRESS), "*": Bar(None, 0.8, Below.QUEUE)}
    draft = ProfileDraft(kind=ProfileKind.PEAK, name="早高峰", hours=({"from": "07:00", "until": "09:00"},), bars=bars)
    kept = house.profiles.add(draft, "a", NOON)
    assert kept.profile == draft.ready(kept.profile.id)
    with pytest.raises(RuleMovedOn):
        house.profiles.replace(kept.profile.id, draft, kept.revision + 1, "a", NOON)
    house.profiles.remove(kept.profile.id, kept.revision, "a", NOON)
    assert house.profiles.all() == ()


def test_who_changed_which_rule_stands_in_the_audit_log(house: PolicyHouse, engine: Engine) -> None:
    kept = house.permits.add(permit(), "王管理", NOON)
    house.permits.replace(kept.permit.id, permit(name="二期"), None, "李管理", minute(1))
    house.permits.remove(kept.permit.id, None, "王管理", minute(2))
    stone = house.suppressions.add(suppression(expires_at=minute(9)), "李敏", minute(3))
    house.suppressions.remove(stone.suppression.id, "李敏", minute(4))
    house.profiles.add(ProfileDraft(kind=ProfileKind.GENERAL, name="g", bars={}), "王管理", minute(5))
    house.profiles.turn("*", "*", AutoMode.MEASURED, "王管理", minute(6))
    with reading(engine) as connection:
        rows = connection.execute(select(audit_entry).order_by(audit_entry.c.seq)).all()
    assert [(row.actor, row.action, row.subject) for row in rows] == [
        ("王管理", "permit.add", "permit:1"),
        ("李管理", "permit.change", "permit:1"),
        ("王管理", "permit.remove", "permit:1"),
        ("李敏", "suppression.add", "suppression:1"),
        ("李敏", "suppression.remove", "suppression:1"),
        ("王管理", "profile.add", "profile:1"),
        ("王管理", "auto_file.switch", "switch:1"),
    ]
    assert (rows[1].data["before"]["name"], rows[1].data["after"]["name"]) == ("夜市", "二期")
    assert (rows[-1].data["from"], rows[-1].data["to"]) == (None, "measured")


def test_a_refused_change_leaves_neither_rule_nor_audit(house: PolicyHouse, engine: Engine) -> None:
    with pytest.raises(RuleUnknown):
        house.permits.remove(7, None, "a", NOON)
    with pytest.raises(PolicyRefused):
        house.permits.add(permit(rings=()), "a", NOON)
    with reading(engine) as connection:
        assert connection.execute(select(audit_entry)).all() == []
        assert rules_version(connection) == 0
