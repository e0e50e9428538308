import re
import string
from pathlib import Path

import pytest

import desk
from cases.case import CaseEventKind, CaseState, CloseReason
from core.errors import FeedError
from desk.camera_filters import STATES
from desk.cell_facts import ZONES
from desk.render import Speech
from desk.tongue import counted
from desk.visitor import Language
from desk.words import CATEGORY_WORDS, PHRASES, Words, category_words, phrase

TEMPLATES = sorted((Path(desk.__file__).parent / "templates").glob("*.html"))
HAN = re.compile(r"[\u4e00-\u9fff]")
ALL_WORDS = {**PHRASES, **{f"category {key}": words for key, words in CATEGORY_WORDS.items()}}


@pytest.mark.parametrize("key", ALL_WORDS)
def test_every_phrase_stands_in_both_languages(key: str) -> None:
    words = ALL_WORDS[key]
    assert words.zh.strip()
    assert words.en.strip()
    assert HAN.search(words.zh), f"{key} has no Chinese"
    assert not HAN.search(words.en), f"{key} has Chinese in its English"


@pytest.mark.parametrize("key", PHRASES)
def test_both_languages_hold_the_same_places(key: str) -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert places(PHRASES[key].zh) == places(PHRASES[key].en)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_phrase_a_template_asks_for_is_known(template: Path) -> None:
    asked = re.findall(
        r"""\b(?:t|p|s\.hint|s\.lasting)\(\s*["']([\w.]+)["']\s*[,)]""", template.read_text(encoding="utf-8")
    )
    assert [key for key in asked if key not in PHRASES] == []


@pytest.mark.parametrize(
    "key",
    [
        *(f"state.{state}" for state in CaseState),
        *(f"event.{kind}" for kind in CaseEventKind),
        *(f"reason.{reason}" for reason in CloseReason),
        *(f"camera.state.{state}" for state in (*STATES, "unknown")),
        *(f"camera.error.{kind.kind}" for kind in FeedError.__subclasses__()),
        *(f"zone.{zone}" for zone in (*ZONES, "")),
    ],
)
def test_every_state_event_reason_and_zone_has_words(key: str) -> None:
    assert key in PHRASES


def test_an_unknown_category_is_shown_by_its_id() -> None:
    assert category_words("outdoor_barbecue") == Words("outdoor_barbecue", "outdoor_barbecue")


def test_an_unknown_key_falls_back_only_where_the_caller_says_so() -> None:
    assert phrase("camera.error.new_kind", "camera.error.error").en == "Fault"
    with pytest.raises(KeyError):
        phrase("camera.error.new_kind")


def test_one_line_of_both_languages_does_not_repeat_a_word() -> None:
    assert Words("CAM", "CAM").in_one_line(Language.BOTH) == "CAM"
    assert Words("案件", "Cases").in_one_line(Language.BOTH) == "案件 Cases"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 cameras"), (1, "1 camera"), (2, "2 cameras"), (1_000, "1000 cameras")]
)
def test_a_number_chooses_its_noun(count: int, text: str) -> None:
    cameras = Words("{count} 台", "{count} {count:camera|cameras}")
    assert cameras.en.format(**counted({"count": count})) == text


def test_a_phrase_with_a_number_is_filled_in_both_languages() -> None:
    both, english = Speech(Language.BOTH), Speech(Language.EN)
    assert english.plain("camera.late", count=1) == "late 1 time"
    assert both.plain("camera.late", count=2) == "迟到 2 次 late 2 times"
    assert str(english.t("history.older", count=1)) == "1 older entry"


def test_a_phrase_that_tells_of_a_length_of_time_has_it_in_each_languages_words() -> None:
    assert str(Speech(Language.ZH).lasting("line.took", 3_720)) == "用时 1 小时 02 分"
    both = str(Speech(Language.BOTH).lasting("line.took", 3_720))
    assert "用时 1 小时 02 分" in both
    assert ">after 1 h 02 min<" in both


def test_every_action_that_the_log_keeps_has_words() -> None:
    rooms = (Path(__file__).parents[2] / room for room in ("api", "cases"))
    sources = [path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")]
    kept = {found for source in sources for found in re.findall(r'action="([a-z_]+\.[a-z_]+)"', source)}
    assert len(kept) > 20
    assert {action for action in kept if f"audit.{action}" not in PHRASES} == set()
