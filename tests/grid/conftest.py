"""Property tests without a deadline, the same examples in each run: a busy machine is no bug of ours."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "grid",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("grid")
