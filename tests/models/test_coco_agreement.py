"""Our average precision is COCO's: held against pycocotools on the same detections."""

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from models.evaluation import evaluate
from models.matching import JudgedPicture
from tests.models.scattered import CATEGORIES, scattered_pictures

MOST_DIFFERENCE = 0.002


@pytest.mark.parametrize(("seed", "crowd"), [(1, 0), (2, 0), (3, 150), (4, 150)])
def test_every_category_scores_as_pycocotools_scores_it(seed: int, crowd: int) -> None:
    judged = scattered_pictures(seed, crowd=crowd)
    theirs = _coco_averages(judged)
    ours = evaluate(judged, dict.fromkeys(CATEGORIES, 0.5)).categories
    for row, (ap50, ap50_95) in zip(ours, theirs, strict=True):
        assert row.ap50 is not None
        assert 0.05 < row.ap50 < 0.95, "the pictures must be neither hopeless nor trivial"
        assert row.ap50 == pytest.approx(ap50, abs=MOST_DIFFERENCE)
        assert row.ap50_95 == pytest.approx(ap50_95, abs=MOST_DIFFERENCE)


def test_the_pictures_have_what_two_scorers_could_differ_on() -> None:
    judged = scattered_pictures(3, crowd=150)
    assert any(picture.is_negative for picture in judged)
    assert max(sum(d.category == c for d in judged[0].detections) for c in CATEGORIES) > 100
    confidences = [d.confidence for picture in judged for d in picture.detections]
    assert len(set(confidences)) < len(confidences) / 4


def _coco_averages(judged: list[JudgedPicture]) -> list[tuple[float, float]]:
    truth: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for picture_id, picture in enumerate(judged, start=1):
        for category_id, category in enumerate(CATEGORIES, start=1):
            where = {"image_id": picture_id, "category_id": category_id}
            for box in picture.truth.get(category, ()):
                shape = [box.x0, box.y0, box.width, box.height]
                truth.append(where | {"id": len(truth) + 1, "bbox": shape, "area": box.area, "iscrowd": 0})
            for detection in picture.detections:
                if detection.category == category:
                    shape = [detection.box.x0, detection.box.y0, detection.box.width, detection.box.height]
                    found.append(where | {"bbox": shape, "score": detection.confidence})
    with redirect_stdout(StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": number} for number in range(1, len(judged) + 1)],
            "annotations": truth,
            "categories": [{"id": number, "name": name} for number, name in enumerate(CATEGORIES, start=1)],
        }
        coco.createIndex()
        scorer = COCOeval(coco, coco.loadRes(found), "bbox")
        scorer.evaluate()
        scorer.accumulate()
    # (IoUs, recall points, categories, areas, detections per picture): any area, 100 a picture.
    precision = np.asarray(scorer.eval["precision"])[:, :, :, 0, -1]
    return [(float(precision[0, :, k].mean()), float(precision[:, :, k].mean())) for k in range(len(CATEGORIES))]
