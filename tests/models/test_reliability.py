"""The reliability beside a card: kept as measured, drawn the same every time, refused for other weights."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core.errors import ModelError
from models.calibration import CalibrationReport, calibration_report
from models.manifest import Manifest, read_manifest
from models.matching import Matches
from models.probability import ConfidenceMap
from models.registry import DEFAULT_MODEL, MANIFEST_NAME, WEIGHTS_FOLDER
from models.reliability import (
    DIAGRAM_NAME,
    RECORD_NAME,
    Reliability,
    parts_that_fitted,
    read_reliability,
    reliability_section,
    write_reliability,
)
from models.reliability_diagram import reliability_svg, wilson_interval

SHIPPED = WEIGHTS_FOLDER / DEFAULT_MODEL
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def manifest() -> Manifest:
    return read_manifest(SHIPPED / MANIFEST_NAME)


def _report(seed: int, told_by: ConfidenceMap | None) -> CalibrationReport:
    generator = np.random.default_rng(seed)
    confidences = np.sort(generator.uniform(0.05, 1, 60))[::-1]
    hits = generator.random(60) < confidences**2
    pictures = generator.integers(0, 10, 60)
    return calibration_report(Matches(confidences, hits, int(hits.sum()), pictures, np.zeros(10, np.int64)), told_by)


def _measured(manifest: Manifest) -> Reliability:
    reports = {name: _report(seed, manifest.probability[name]) for seed, name in enumerate(manifest.categories)}
    return Reliability.of(manifest, ("val", "render_val"), 10, reports)


@pytest.fixture
def package(tmp_path: Path, manifest: Manifest) -> Path:
    """A folder with the shipped manifest and a measurement of it."""
    shutil.copy(SHIPPED / MANIFEST_NAME, tmp_path / MANIFEST_NAME)
    write_reliability(_measured(manifest), tmp_path)
    return tmp_path


def _edit(path: Path, **changed: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")


def test_the_shipped_diagram_is_drawn_from_the_shipped_measurement(manifest: Manifest) -> None:
    kept = read_reliability(SHIPPED, manifest)
    assert set(kept.parts) == set(parts_that_fitted(manifest))
    assert (SHIPPED / DIAGRAM_NAME).read_text(encoding="utf-8") == kept.diagram()
    assert (SHIPPED / RECORD_NAME).read_text(encoding="utf-8") == kept.as_text()


def test_what_is_read_is_what_was_written_and_draws_the_same(package: Path, manifest: Manifest) -> None:
    measured, kept = _measured(manifest), read_reliability(package, manifest)
    assert kept == measured
    assert kept.diagram() == measured.diagram() == (package / DIAGRAM_NAME).read_text(encoding="utf-8")


def test_a_measurement_of_other_weights_is_refused(package: Path, manifest: Manifest) -> None:
    newer = manifest.model_copy(update={"sha256": "b" * 64, "version": "9"})
    with pytest.raises(ModelError, match=r"was measured on other weights .* mend: .*--reliability"):
        read_reliability(package, newer)


def test_a_measurement_of_other_maps_is_refused(package: Path, manifest: Manifest) -> None:
    refitted = manifest.model_copy(update={"probability": {}})
    with pytest.raises(ModelError, match="other maps of confidence"):
        read_reliability(package, refitted)


def test_a_missing_or_damaged_measurement_is_named(package: Path, manifest: Manifest) -> None:
    _edit(package / RECORD_NAME, pictures=0)
    with pytest.raises(ModelError, match=r"reliability\.json is no measurement \(pictures: "):
        read_reliability(package, manifest)
    (package / RECORD_NAME).unlink()
    with pytest.raises(ModelError, match=r"reliability\.json cannot be read: .* mend: measure it"):
        read_reliability(package, manifest)


def test_the_section_tells_the_error_before_after_and_held_out(manifest: Manifest) -> None:
    measured = _measured(manifest)
    lines = reliability_section(measured).splitlines()
    report = measured.categories["street_stall"]
    assert report.probability is not None
    errors = (report.confidence.expected_error, report.probability.expected_error, report.held_out.expected_error)
    told = " | ".join(f"{error:.3f}" for error in errors if error is not None)
    assert f"| street_stall | {report.confidence.detections} | {told} |" in lines
    assert f"]({DIAGRAM_NAME})" in lines[0]


def test_each_category_has_its_curves_and_the_count_of_every_bin() -> None:
    mapped, bare = _report(1, ConfidenceMap(slope=2.0, offset=0.0, detections=60)), _report(2, None)
    root = ElementTree.fromstring(reliability_svg({"street_stall": mapped, "heap": bare}, "a < b"))  # noqa: S314
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    first, second = root.findall(f"{SVG}g")
    assert [line.get("stroke-dasharray") for line in first.findall(f"{SVG}polyline")] == ["5 3", "none"]
    assert [line.get("stroke-dasharray") for line in second.findall(f"{SVG}polyline")] == ["5 3"]
    counts = [text.text for text in second.findall(f"{SVG}text") if text.get("font-size") == "9"]
    assert counts == [str(row.count) for row in bare.confidence.bins]
    assert {"a < b", "street_stall", "heap"} <= set(texts)
    assert any(text.startswith(f"error before {mapped.confidence.expected_error:.3f}, after ") for text in texts)


def test_a_category_in_which_nothing_was_found_has_no_diagram() -> None:
    nothing = Matches(np.zeros(0), np.zeros(0, np.bool_), 3, np.zeros(0, np.int64), np.array([3]))
    root = ElementTree.fromstring(reliability_svg({"heap": calibration_report(nothing, None)}, "blind"))  # noqa: S314
    assert root.findall(f"{SVG}g") == []


@pytest.mark.parametrize(("share", "count", "low", "high"), [(1.0, 3, 0.438, 1.0), (0.5, 10, 0.237, 0.763)])
def test_the_interval_of_a_share_is_wilsons(share: float, count: int, low: float, high: float) -> None:
    assert wilson_interval(share, count) == pytest.approx((low, high), abs=1e-3)
