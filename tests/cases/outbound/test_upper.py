"""Cases filed upstream: each once, whatever breaks in between, and closed there when they are closed here."""

import json
from pathlib import Path
from typing import Any

import pytest

from cases.case import CloseReason
from cases.outbound.filings import FilingState
from cases.outbound.lines import LineKind
from cases.outbound.mapping import load_mapping
from cases.outbound.upper_settings import UpperSettings
from cases.outbound.uppers import upper_couriers
from cases.queries import Receipt
from core.errors import ConfigError
from tests.cases.outbound.conftest import Town
from tests.cases.outbound.receiver import BREAK, Got, Say
from tests.cases.outbound.upper_city import UpperCity
from tests.cases.reports import SEEN, STALL, minute, post, report

LINE = "upper:city"
PLACE = (104.0657, 30.6595)
SECRETS = {"UPPER_KEY": "upper-key", "UPPER_TOKEN": "geheim"}


def open311(town: Town, form: str = "xml", **changed: Any) -> UpperSettings:
    given: dict[str, Any] = {
        "kind": "open311",
        "url": town.receiver.url + "/v2/",
        "api_key_env": "UPPER_KEY",
        "format": form,
        "service_codes": {"exposed_garbage": "01-02"},
    }
    return UpperSettings(**{**given, **changed})


def serve(town: Town, settings: UpperSettings, **changed: Any) -> None:
    couriers = upper_couriers({"city": settings}, town.engine, town.caller(), town.clock, lambda _cell: PLACE, SECRETS)
    town.sender(couriers, **changed)


def begin(town: Town) -> None:
    """The line is there before the first case."""
    town.house.lines.ensure(LINE, LineKind.UPPER, town.clock.now())


def close(town: Town, receipt: Receipt, reason: CloseReason = CloseReason.HANDLED) -> None:
    town.store.close_case(receipt.case_id, reason, "已清运", "李敏", None, minute(9))


def retry(town: Town, claim: str) -> None:
    """Wait for the first failed try, then let the back-off pass."""
    town.until(lambda: town.line(LINE).line.head_tries == 1, claim)
    town.clock.advance(2)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_case_is_filed_with_its_place_and_number_and_closed_there(town: Town, form: str) -> None:
    city = UpperCity(form)
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    post(town.store, report(SEEN, minute(5), "again", cell_id=town.case_of(receipt).cell_id))
    close(town, receipt)
    serve(town, open311(town, form))
    town.settled(LINE)
    (filed,) = city.requests.values()
    assert (filed["service_code"], filed["lat"], filed["long"]) == ("01-02", "30.6595000", "104.0657000")
    assert f"[{receipt.case_number}]" in filed["description"]
    (filing,) = town.house.filings.of_case(receipt.case_id)
    assert (filing.upper_id, filing.state) == ("1-26", FilingState.CLOSED)
    (update,) = city.updates
    assert (update["service_request_id"], update["status"]) == ("1-26", "CLOSED")
    assert "李敏" not in str(city.updates)


def test_only_chosen_categories_are_filed_and_void_cases_never(town: Town) -> None:
    city = UpperCity()
    town.receiver.behave = city.answer
    begin(town)
    town.register(town.open_case(category=STALL))
    void = town.register(town.open_case())
    close(town, void, CloseReason.FALSE_ALARM)
    serve(town, open311(town))
    town.settled(LINE)
    assert city.requests == {}


def test_a_candidate_is_not_filed_before_somebody_takes_it_on(town: Town) -> None:
    city = UpperCity()
    town.receiver.behave = city.answer
    begin(town)
    candidate = town.open_case()
    handled = town.open_case()
    close(town, handled)
    serve(town, open311(town))
    town.settled(LINE)
    assert city.requests == {}
    town.register(candidate)
    town.settled(LINE)
    assert list(city.requests) == ["1-26"]


@pytest.mark.parametrize("trouble", [BREAK, Say(500), Say(200, b"<html>welcome</html>"), Say(200, b"<a><b/></a>")])
def test_a_filing_whose_answer_was_lost_is_found_by_our_number_and_not_sent_again(
    town: Town, trouble: Say | str
) -> None:
    city = UpperCity()
    lost = iter([trouble])
    city.trouble_after = lambda got: next(lost, None) if got.method == "POST" else None
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    serve(town, open311(town))
    retry(town, "the answer is lost")
    town.settled(LINE)
    assert list(city.requests) == ["1-26"]
    (filing,) = town.house.filings.of_case(receipt.case_id)
    assert (filing.upper_id, filing.state) == ("1-26", FilingState.FILED)


def test_a_filing_that_never_arrived_is_sent_again(town: Town) -> None:
    city = UpperCity()
    lost = iter([BREAK])
    city.trouble_before = lambda got: next(lost, None) if got.method == "POST" else None
    town.receiver.behave = city.answer
    begin(town)
    town.register(town.open_case())
    serve(town, open311(town))
    retry(town, "it does not arrive")
    town.settled(LINE)
    assert list(city.requests) == ["1-26"]


def test_where_nobody_can_look_a_person_decides_if_the_settings_say_so(town: Town) -> None:
    city = UpperCity(can_list=False)
    lost = iter([BREAK])
    city.trouble_after = lambda got: next(lost, None) if got.method == "POST" else None
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    other = town.register(town.open_case())
    serve(town, open311(town, when_uncertain="dead"))
    retry(town, "the answer is lost")
    town.settled(LINE)
    assert [each["description"][1:23] for each in city.requests.values()] == [receipt.case_number, other.case_number]
    (letter,) = town.house.lines.dead_letters(LINE)
    assert "may be there" in letter.error
    assert town.house.filings.of_case(receipt.case_id)[0].state is FilingState.HELD
    close(town, receipt)
    town.settled(LINE)
    assert len(city.requests) == 2, "further events of the case send nothing"
    town.house.lines.replay(LINE, None, "admin", town.clock.now())
    town.until(lambda: town.line(LINE).dead_letters == 0, "a person had it sent again")
    assert len(city.requests) == 3


def test_a_token_is_exchanged_for_the_id_before_the_case_is_closed_there(town: Town) -> None:
    city = UpperCity(gives_tokens=True)
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    serve(town, open311(town))
    town.settled(LINE)
    assert town.house.filings.of_case(receipt.case_id)[0].state is FilingState.WAITING
    close(town, receipt)
    retry(town, "there is no id yet")
    assert city.updates == []
    city.tokens_ready = True
    town.clock.advance(60)
    town.settled(LINE)
    (filing,) = town.house.filings.of_case(receipt.case_id)
    assert (filing.upper_id, filing.state) == ("1-26", FilingState.CLOSED)
    assert len(city.requests) == len(city.updates) == 1


def test_a_refused_key_holds_the_line_and_forgets_nothing(town: Town) -> None:
    city = UpperCity()
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    wrong = upper_couriers(
        {"city": open311(town)}, town.engine, town.caller(), town.clock, lambda _cell: None, {"UPPER_KEY": "old"}
    )
    sender = town.sender(wrong)
    town.until(lambda: town.line(LINE).line.head_tries == 1, "the key is refused")
    sender.stop()
    assert "upper-key" not in str(town.line(LINE).line.last_error)
    assert town.house.filings.of_case(receipt.case_id) == (), "certainly not there"
    town.clock.advance(2)
    serve(town, open311(town))
    town.settled(LINE)
    assert list(city.requests) == ["1-26"]


MAPPING = """
[secrets]
token = "UPPER_TOKEN"

[headers]
Authorization = "Bearer {secret.token}"

[codes.category]
exposed_garbage = "0102"

[file]
url = "URL/api/cases"
id = "data.caseId"
ok = { path = "code", equals = 0 }

[file.body]
externalNo = "{case.number}"
kind = "{code.category}"
where = { x = "{case.longitude}", y = "{case.latitude}", cell = "网格 {case.cell_id}" }
tags = ["gridpatrol", "{case.object_count}"]

[close]
url = "URL/api/cases/{upper.id}/close"
method = "PUT"
body = { note = "{case.close_note}" }

[lookup]
url = "URL/api/cases?externalNo={case.number}"
method = "GET"
id = "data.0.caseId"
"""


def mapped(town: Town, tmp_path: Path, text: str = MAPPING) -> UpperSettings:
    file = tmp_path / "upper.toml"
    file.write_text(text.replace("URL", town.receiver.url), encoding="utf-8")
    return UpperSettings(kind="json", mapping_file=file)


class JsonCity:
    """Numbers cases from 700/ on, and says 200 whatever happens."""

    def __init__(self) -> None:
        self.cases: dict[str, Any] = {}
        self.closed: list[str] = []
        self.code = 0
        self.loses = 0

    def answer(self, got: Got) -> "Say | str":
        if got.headers.get("authorization") != "Bearer geheim":
            return Say(401)
        if got.method == "GET":
            number = got.path.rpartition("=")[2]
            found = [{"caseId": key} for key, kept in self.cases.items() if kept["externalNo"] == number]
            return self._say({"code": 0, "data": found})
        if got.method == "PUT":
            self.closed.append(got.path)
            return self._say({"code": 0})
        if self.code:
            return self._say({"code": self.code, "msg": "字段缺失", "you": got.headers["authorization"]})
        identity = f"700/{len(self.cases)}"
        self.cases[identity] = got.json
        if self.loses:
            self.loses -= 1
            return BREAK
        return self._say({"code": 0, "data": {"caseId": identity}})

    def _say(self, body: object) -> Say:
        return Say(200, json.dumps(body).encode())


def test_a_mapping_file_makes_the_platforms_own_json_and_finds_its_id(town: Town, tmp_path: Path) -> None:
    city = JsonCity()
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    close(town, receipt)
    serve(town, mapped(town, tmp_path))
    town.settled(LINE)
    case = town.case_of(receipt)
    assert city.cases == {
        "700/0": {
            "externalNo": receipt.case_number,
            "kind": "0102",
            "where": {"x": PLACE[0], "y": PLACE[1], "cell": f"网格 {case.cell_id}"},
            "tags": ["gridpatrol", 1],
        }
    }
    assert city.closed == ["/api/cases/700%2F0/close"], "an id never becomes another path"
    assert town.house.filings.of_case(receipt.case_id)[0].upper_id == "700/0"


def test_a_mapped_filing_whose_answer_was_lost_is_looked_up(town: Town, tmp_path: Path) -> None:
    city = JsonCity()
    city.loses = 1
    town.receiver.behave = city.answer
    begin(town)
    receipt = town.register(town.open_case())
    serve(town, mapped(town, tmp_path))
    retry(town, "the answer is lost")
    town.settled(LINE)
    assert list(city.cases) == ["700/0"]
    assert town.house.filings.of_case(receipt.case_id)[0].upper_id == "700/0"


def test_a_platform_that_says_no_with_200_is_understood(town: Town, tmp_path: Path) -> None:
    city = JsonCity()
    city.code = 40001
    town.receiver.behave = city.answer
    begin(town)
    town.register(town.open_case())
    serve(town, mapped(town, tmp_path), refused_tries=1)
    town.until(lambda: town.line(LINE).dead_letters == 1, "it is refused")
    (letter,) = town.house.lines.dead_letters(LINE)
    assert "字段缺失" in letter.error
    assert "geheim" not in letter.error


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("{case.number}", "{case.numbr}"), r"case\.numbr.*did you mean \{case\.number\}"),
        (("[codes.category]", "[codes.colour]"), "no fact"),
        (('id = "data.caseId"\n', ""), r"file\.id is missing"),
        (("{secret.token}", "{secret.word}"), r"secret\.word"),
        (("[secrets]", "[[secrets"), "cannot be read"),
    ],
)
def test_a_mapping_file_with_a_mistake_is_refused_and_the_place_named(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    file = tmp_path / "upper.toml"
    file.write_text(MAPPING.replace("URL", "https://upper.example").replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_mapping(file)


def test_a_secret_that_is_not_there_is_named_and_nothing_starts(town: Town, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="UPPER_TOKEN"):
        upper_couriers({"city": mapped(town, tmp_path)}, town.engine, town.caller(), town.clock, lambda _cell: None, {})
