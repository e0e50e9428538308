"""A candidate takes the active model's place only if it is not worse, on pictures that can tell."""

import pytest

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from models.fitness import sign_test, weigh
from models.matching import JudgedPicture

GARBAGE = CategoryId("exposed_garbage")
HEAP = Box(10, 10, 60, 60)
THRESHOLDS = {"exposed_garbage": 0.5}


def street(confidence: float | None, truth: bool = True) -> JudgedPicture:
    """One picture with a heap (or with a bin only) in which a model saw the heap's place so surely, or not at all."""
    found = () if confidence is None else (Detection(GARBAGE, confidence, HEAP),)
    return JudgedPicture({"exposed_garbage": [HEAP]} if truth else {"garbage_bin": [HEAP]}, found)


def test_the_same_eyes_are_fit() -> None:
    pictures = [street(0.9 - n / 100) for n in range(20)]
    assert weigh(pictures, pictures, THRESHOLDS, THRESHOLDS).objections == ()


def test_a_model_that_finds_less_is_refused_with_both_figures() -> None:
    good = [street(0.9) for _ in range(20)]
    blind = [street(0.9 if n % 4 == 0 else None) for n in range(20)]
    (objection,) = weigh(good, blind, THRESHOLDS, THRESHOLDS).objections
    assert objection.startswith("exposed_garbage: AP50 0.2")
    assert "the active model has 1.000" in objection
    assert weigh(blind, good, THRESHOLDS, THRESHOLDS).objections == ()


def test_a_model_that_cries_wolf_is_refused_although_it_finds_as_much() -> None:
    heaps = [street(0.95) for _ in range(20)]
    calm = heaps + [street(0.3, truth=False) for _ in range(10)]
    nervous = heaps + [street(0.6, truth=False) for _ in range(10)]
    fitness = weigh(calm, nervous, THRESHOLDS, THRESHOLDS)
    (objection,) = fitness.objections
    assert objection.startswith("false alarms on 10 of 10 pictures that show nothing, the active model on 0")
    assert weigh(nervous, calm, THRESHOLDS, THRESHOLDS).objections == ()
    # The same detections under a threshold of its own are no alarm.
    assert weigh(calm, nervous, THRESHOLDS, {"exposed_garbage": 0.7}).objections == ()


def test_too_few_pictures_tell_nothing() -> None:
    few = [street(0.9) for _ in range(5)]
    (objection,) = weigh(few, few, THRESHOLDS, THRESHOLDS).objections
    assert "too few to tell" in objection
    assert weigh([], [], THRESHOLDS, THRESHOLDS).objections


@pytest.mark.parametrize(
    ("ones", "others", "chance"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (10, 1, 24 / 2**11)],
)
def test_the_sign_test_is_exact(ones: int, others: int, chance: float) -> None:
    assert sign_test(ones, others) == pytest.approx(chance)
    assert sign_test(others, ones) == pytest.approx(chance)
