"""Catalogue versions: read with line and field, imported, compared; a case keeps the one it was opened under."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from cases.access.tables import audit_entry
from cases.catalogue.entries import Catalogue
from cases.catalogue.errors import CatalogueMovedOn, CatalogueRefused, CatalogueUnknown
from cases.catalogue.in_force import catalogue_in_force, version_opened_under
from cases.catalogue.reading import JSON, TOML, CatalogueFile, read_catalogue, shipped
from cases.catalogue.store import CatalogueStore
from cases.queries import CaseQuery
from cases.store import CaseStore
from cases.transactions import reading
from cases.worktime.deadlines import due_for
from grid.units import Zone
from tests.cases.reports import NOON, OTHER_CELL, post, report

SHORTER = ("controlled = { hours = 4, time", "controlled = { hours = 3, time")


def changed(*replacements: tuple[str, str]) -> CatalogueFile:
    """The shipped catalogue with words replaced."""
    text = shipped().source
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    return read_catalogue(text, TOML, "city.toml")


def faults(*replacements: tuple[str, str]) -> str:
    with pytest.raises(CatalogueRefused) as refused:
        changed(*replacements)
    return str(refused.value)


def line_of(text: str, part: str, nth: int = 1) -> int:
    return [n for n, line in enumerate(text.splitlines(), start=1) if part in line][nth - 1]


def test_the_shipped_catalogue_has_the_missions_three_and_two_more_with_their_codes() -> None:
    told = {each.id: (each.code, each.zh) for each in shipped().catalogue.categories}
    assert told == {
        "street_stall": ("05-01", "占道经营"),
        "exposed_garbage": ("01-02", "暴露垃圾"),
        "roadside_clutter": ("05-07", "乱堆物堆料"),
        "bin_overflow": ("", "垃圾箱满溢"),
        "shop_spillover": ("05-04", "店外经营"),
    }


def test_a_category_is_found_by_id_code_and_either_name_and_no_code_is_nobodys() -> None:
    catalogue = shipped().catalogue
    found = [catalogue.named(text) for text in ("exposed_garbage", "01-02", " 暴露垃圾 ", "Exposed garbage")]
    assert {each.id for each in found if each} == {"exposed_garbage"}
    assert None not in found
    assert catalogue.named("") is None


def test_a_fault_names_line_category_field_and_mend() -> None:
    text = shipped().source
    told = faults(("general = 1350", "general = -1"))
    assert f"line {line_of(text, 'general = 1350')}: categories[3] (roadside_clutter).dwell_s.general:" in told
    assert "greater than 0" in told
    told = faults(('zh = "店外经营"', 'zhh = "店外经营"'))
    assert f"line {line_of(text, '[[categories]]', 5)}: categories[5] (shop_spillover).zh: is missing; add it" in told
    assert "did you mean 'zh'?" in told
    assert "mend the TOML" in faults(("format = 1", "format = "))
    assert "line 7" in faults(("format = 1", "format = 2"))
    assert "is used by street_stall and shop_spillover" in faults(('code = "05-04"', 'code = "05-01"'))
    assert "share" in faults(("near_due = { share = 0.8 }", "near_due = { }"))


def test_json_is_read_too_and_a_broken_one_names_its_line() -> None:
    text = json.dumps(shipped().catalogue.model_dump(mode="json"), ensure_ascii=False, indent=1)
    assert read_catalogue(text, JSON, "city.json").catalogue == shipped().catalogue
    with pytest.raises(CatalogueRefused, match=r"city\.json: line 3"):
        read_catalogue(text.replace('"name"', "name", 1), JSON, "city.json")


def test_an_import_makes_a_version_says_what_changed_and_is_audited(engine: Engine) -> None:
    catalogue = CatalogueStore(engine)
    assert catalogue.in_force().version == 1
    tried = catalogue.import_file(changed(SHORTER), "admin", "", NOON, dry_run=True)
    assert (tried.version, len(tried.changes)) == (2, 3)
    assert catalogue.in_force().version == 1, "a dry run writes nothing"
    done = catalogue.import_file(changed(SHORTER), "admin", "市里要求", NOON, expected=1)
    assert (done.version, done.is_new, done.changes) == (2, True, tried.changes)
    assert str(done.changes[0]) == "exposed_garbage.deadline.controlled.hours: 4.0 → 3.0"
    again = catalogue.import_file(changed(SHORTER), "admin", "", NOON)
    assert (again.version, again.is_new) == (2, False)
    assert [each.version for each in catalogue.versions()] == [2, 1]
    assert [each.version for each in catalogue.versions(before=2)] == [1]
    assert catalogue.file(2).source == changed(SHORTER).source, "remarks included"
    with reading(engine) as connection:
        (row,) = connection.execute(select(audit_entry).where(audit_entry.c.action == "catalogue.import")).all()
    assert (row.actor, row.subject, row.data["why"]) == ("admin", "catalogue:2", "市里要求")


def test_somebody_elses_import_in_between_and_a_missing_version_are_refused(engine: Engine) -> None:
    catalogue = CatalogueStore(engine)
    catalogue.import_file(changed(SHORTER), "admin", "", NOON)
    with pytest.raises(CatalogueMovedOn, match="version 2 is in force, not 1"):
        catalogue.import_file(changed(("hours = 16", "hours = 12")), "other", "", NOON, expected=1)
    with pytest.raises(CatalogueUnknown, match="no version 9"):
        catalogue.compare(1, 9)
    with pytest.raises(CatalogueRefused, match=r"street_stall: calendar 'night' is not known; write it"):
        catalogue.import_file(changed(('code = "05-01"', 'code = "05-01"\ncalendar = "night"')), "admin", "", NOON)


def test_versions_are_compared_with_what_came_and_what_went(engine: Engine) -> None:
    catalogue = CatalogueStore(engine)
    less = shipped().catalogue.model_copy(update={"categories": shipped().catalogue.categories[:4]})
    text = json.dumps(less.model_dump(mode="json"))
    catalogue.import_file(read_catalogue(text, JSON, "less.json"), "admin", "", NOON)
    assert [str(change) for change in catalogue.compare(1, 2)] == ["removed shop_spillover"]
    assert [str(change) for change in catalogue.compare(2, 1)] == ["added shop_spillover"]


def test_a_case_keeps_the_version_it_was_opened_under(store: CaseStore, engine: Engine) -> None:
    first = post(store, report())
    CatalogueStore(engine).import_file(changed(SHORTER), "admin", "", NOON)
    second = post(store, report(cell_id=OTHER_CELL, incident="incident-2"))
    with reading(engine) as connection:
        versions = [version_opened_under(connection, each.case_id) for each in (first, second)]
        assert versions == [1, 2]
        due = [
            due_for(connection, category="exposed_garbage", zone=None, start=NOON, catalogue_version=version)
            for version in versions
        ]
        in_force = due_for(connection, category="exposed_garbage", zone=None, start=NOON)
    assert [each and each.rule.split(" ")[0] for each in due] == ["catalogue:1", "catalogue:2"]
    assert due[0] is not None
    assert due[1] is not None
    assert due[0].due_at - due[1].due_at == timedelta(hours=2.5), "Monday 14:30 and 12:00"
    assert in_force == due[1]
    assert len(store.list_cases(CaseQuery()).cases) == 2


def test_the_shipped_catalogue_is_written_down_with_the_first_case(store: CaseStore, engine: Engine) -> None:
    catalogue = CatalogueStore(engine)
    assert catalogue.versions()[0].imported_at is None
    post(store, report())
    (kept,) = catalogue.versions()
    assert (kept.version, kept.imported_by) == (1, "gridpatrol")
    assert kept.imported_at is not None
    with reading(engine) as connection:
        assert catalogue_in_force(connection).catalogue == shipped().catalogue


def test_a_category_that_is_not_in_the_catalogue_has_no_deadline(engine: Engine) -> None:
    with reading(engine) as connection:
        assert due_for(connection, category="outdoor_barbecue", zone="strict", start=NOON) is None


def test_unit_rules_count_from_the_top() -> None:
    rules = [
        {"within": "510104", "zone": "strict", "unit": "直属队"},
        {"within": "510104", "unit": "锦江区大队"},
        {"unit": "市支队"},
    ]
    data = shipped().catalogue.model_dump(mode="json")
    data["categories"][0]["units"] = rules
    stall = Catalogue.model_validate(data).category("street_stall")
    assert stall is not None
    assert stall.unit_for("510104001001001", Zone.STRICT) == "直属队"
    assert stall.unit_for("510104001001001/3-4", None) == "锦江区大队"
    assert stall.unit_for("510105001001001", Zone.STRICT) == "市支队"
