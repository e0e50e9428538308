"""How sure the model was, on the case's page: what it was measured to be worth, or only its own figure."""

import pytest

from cases.case import CaseEvent
from desk.case_page import render_case_page
from desk.pages import Language
from desk.surety import Surety
from tests.desk.page_rules import words_of
from tests.desk.street import LATEST_LOOK, case, events, feature_of, seen, visitor


def _said(*more: CaseEvent, language: Language = Language.ZH, **opening: object) -> str:
    history = events(*more, **opening)
    return words_of(render_case_page(case(*more, **opening), history, feature_of, visitor(language)))


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (Language.ZH, ("判对概率 87 %（模型置信 0.71）",)),
        (Language.EN, ("87 % (model confidence 0.71)", "right with 87 % probability (model confidence 0.71)")),
        (
            Language.BOTH,
            ("87 %（模型置信 0.71） 87 % (model confidence 0.71)", "判对概率 87 %（模型置信 0.71） right with 87 %"),
        ),
    ],
)
def test_a_measured_model_tells_how_likely_it_is_right_beside_its_confidence(
    language: Language, texts: tuple[str, ...]
) -> None:
    said = _said(language=language, confidence=0.71, probability=0.8719)
    for text in texts:
        assert text in said


def test_a_model_without_a_measured_map_shows_its_confidence_only_and_no_percentage_of_it() -> None:
    said = _said(confidence=0.71)
    assert "模型置信 0.71" in said
    assert "判对概率" not in said
    assert "71 %" not in said


def test_each_report_of_a_case_tells_what_its_own_model_told() -> None:
    said = _said(seen(2, 20, confidence=0.6, probability=0.55, evidence=LATEST_LOOK.as_json()), confidence=0.71)
    assert "判对概率 55 %（模型置信 0.60）" in said
    assert "模型置信 0.71" in said


@pytest.mark.parametrize(("probability", "percent"), [(0.9999, 99), (0.0, 1), (0.005, 1), (0.555, 56)])
def test_no_measurement_makes_certain(probability: float, percent: int) -> None:
    told = Surety.of({"confidence": 0.9, "probability": probability})
    assert told == Surety(0.9, percent)


def test_an_event_that_saw_nothing_is_not_sure_of_anything() -> None:
    assert Surety.of({"reason": "handled"}) is None
    assert Surety.of({"confidence": None, "probability": 0.5}) is None
