"""The GPU's benchmark, run for real on the session's processor twin."""

from benchmarks.gpu_rate import lanes_rate, raw_rate
from detector.gpu import BatchSession
from models.manifest import load_package
from models.registry import DEFAULT_MODEL


def test_rates_are_those_of_the_session_and_of_the_lanes_before_it() -> None:
    package = load_package(DEFAULT_MODEL)
    session = BatchSession(package.weights_path, package.manifest.input_size, ["CPUExecutionProvider"], "cpu")
    raw = raw_rate(session, batch=2, seconds=0.5)
    through, mean_batch = lanes_rate(package, "cuda", session, seconds=0.5)
    assert raw > 0
    assert through > 0
    assert 1 <= mean_batch <= 32
