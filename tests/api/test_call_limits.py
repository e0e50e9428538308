"""A key, a session and an address may call so often; workers' postings are never refused for it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.call_limits import Buckets
from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import City, incident

PROBLEM = "application/problem+json"


@pytest.fixture
def narrow(tmp_path: Path, migrated_file: Path) -> Iterator[City]:
    """Three calls of one key at once and one more each ten seconds; seven of one address."""
    settings = ApiSettings(port=0, calls_per_key_per_s=0.1, calls_per_address_per_s=0.234, calls_burst_s=30.0)
    city = City(tmp_path, settings, template=migrated_file)
    yield city
    city.close()


def statuses(client: httpx.Client, times: int, path: str = "/api/v1/cases") -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def test_a_key_that_calls_too_often_waits_and_another_key_does_not(narrow: City) -> None:
    reader = narrow.client(Scope.READ)
    assert statuses(reader, 3) == [200, 200, 200]
    refused = reader.get("/api/v1/cases")
    assert (refused.status_code, refused.headers["content-type"]) == (429, PROBLEM)
    assert refused.headers["retry-after"] == "10"
    assert refused.json()["type"].endswith("/too-many-calls")
    assert "wait 10 s" in refused.json()["detail"]
    assert statuses(narrow.client(Scope.OPERATOR), 1) == [200]
    narrow.clock.advance(10)
    assert statuses(reader, 2) == [200, 429]


def test_an_address_is_bounded_whatever_keys_it_tries(narrow: City) -> None:
    strangers = [narrow.client() for _ in range(7)]
    for number, stranger in enumerate(strangers):
        stranger.headers["authorization"] = f"Bearer gp_{number}"
        assert stranger.get("/api/v1/cases").status_code == 401
    refused = strangers[0].get("/api/v1/cases")
    assert refused.status_code == 429
    assert "address" in refused.json()["detail"]


def test_a_session_is_bounded_like_a_key_and_sees_a_page(narrow: City) -> None:
    browser = narrow.browser(Scope.OPERATOR)
    answers = [browser.get("/cases", headers={"accept": "text/html"}) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert "请求过于频繁" in answers[-1].text


def test_workers_postings_and_probes_are_never_refused(narrow: City) -> None:
    narrow.register_cameras("CAM-01")
    worker = narrow.client(Scope.WORKER)
    for number in range(20):
        body = incident(incident_id=f"incident-{number}")
        answer = worker.post("/api/v1/incidents", json=body, headers={"Idempotency-Key": f"incident-{number}:0"})
        assert answer.status_code in (200, 201), answer.text
    assert statuses(narrow.client(), 20, "/healthz") == [200] * 20
    assert statuses(narrow.client(Scope.READ), 4)[-1] == 429


def test_refusals_and_buckets_are_counted_in_the_metrics(narrow: City) -> None:
    assert statuses(narrow.client(Scope.READ), 5) == [200, 200, 200, 429, 429]
    told = narrow.client(Scope.READ).get("/metrics").text
    assert 'gridpatrol_calls_limited_total{by="key"} 2.0' in told
    assert 'gridpatrol_calls_limited_total{by="address"} 0.0' in told
    assert 'gridpatrol_call_buckets{by="key"} 1.0' in told


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_open311_is_bounded_too_and_says_so_in_the_standards_form(narrow: City, suffix: str) -> None:
    client = narrow.client()
    answers = [client.get(f"/open311/v2/services.{suffix}") for _ in range(8)]
    assert [each.status_code for each in answers] == [200] * 7 + [429]
    assert "retry-after" in answers[-1].headers
    assert "429" in answers[-1].text
    assert answers[-1].headers["content-type"].startswith(("application/json", "text/xml"))


def test_zero_is_no_limit() -> None:
    buckets = Buckets(0, 0)
    assert {buckets.wait_s("a", 0.0) for _ in range(1000)} == {0.0}
    assert len(buckets) == 0


@given(steps=st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 5)), max_size=60))
def test_no_name_gets_more_than_its_share_and_memory_stays_bounded(steps: list[tuple[str, float]]) -> None:
    buckets, now_s = Buckets(per_s=2.0, burst=3.0, most=6), 0.0
    taken: dict[str, list[float]] = {}
    for name, later_s in steps:
        now_s += later_s
        wait_s = buckets.wait_s(name, now_s)
        if wait_s == 0:
            taken.setdefault(name, []).append(now_s)
        else:
            assert 0 < wait_s <= 0.5
        assert len(buckets) <= 6
    for moments in taken.values():
        for first, begin_s in enumerate(moments):
            for last, end_s in enumerate(moments[first:], first):
                assert last - first + 1 <= 3.0 + 2.0 * (end_s - begin_s) + 1e-6


def test_beyond_the_bound_the_longest_silent_goes() -> None:
    buckets = Buckets(per_s=1.0, burst=1.0, most=2)
    assert [buckets.wait_s(name, 0.0) for name in ("a", "b", "a", "c")] == [0.0, 0.0, 1.0, 0.0]
    assert len(buckets) == 2
    assert buckets.wait_s("a", 0.0) == 1.0, "used last, so it was kept"
    assert buckets.wait_s("b", 0.0) == 0.0, "forgotten"
