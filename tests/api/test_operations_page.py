"""What docs/operations.md tells people to watch is there to be watched."""

import re
from pathlib import Path

from cases.keys import Scope
from tests.api.city import City

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_figure_that_the_page_names_is_told_and_explained(city: City) -> None:
    city.register_cameras("CAM-01")
    city.report()
    told = city.client(Scope.READ).get("/metrics").text
    known = set(re.findall(r"^# HELP (\w+) \S", told, re.MULTILINE))
    named = set(re.findall(r"`(gridpatrol_\w+)", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert named - known == set()


def test_every_address_that_the_page_names_answers(city: City) -> None:
    addresses = set(re.findall(r"`GET (/\w+)`", PAGE.read_text(encoding="utf-8")))
    assert addresses == {"/healthz", "/readyz", "/metrics"}
    assert {city.client(Scope.READ).get(address).status_code for address in addresses} == {200}


def test_every_page_and_file_that_it_leads_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
