"""The live stream over a real socket: resume, heartbeat, and an end when it must end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import NOON, City, slug
from tests.api.stream import Said, next_event, said


@pytest.fixture
def served(watched_city: City) -> Iterator[BackgroundApi]:
    with BackgroundApi(watched_city.app, watched_city.settings) as server:
        yield server


@contextmanager
def listening(
    city: City, server: BackgroundApi, params: dict[str, int] | None = None, last_event_id: str = ""
) -> Iterator[Iterator[Said]]:
    headers = {"authorization": f"Bearer {city.key[Scope.READ]}", "last-event-id": last_event_id}
    with (
        httpx.Client(base_url=server.url, timeout=10) as client,
        client.stream("GET", "/api/v1/events", headers=headers, params=params) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield said(answer)


def test_a_listener_hears_what_happens_from_now_on(watched_city: City, served: BackgroundApi) -> None:
    watched_city.report()
    with listening(watched_city, served) as stream:
        hello = next_event(stream)
        assert (hello.event, hello.id, hello.data) == ("hello", "1", {"seq": 1, "reset": False})
        receipt = watched_city.report(incident_id="incident-2", camera_id="CAM-02").json()
        heard = next_event(stream)
    assert (heard.event, heard.id) == ("case", str(receipt["event_seq"]))
    assert heard.data["kind"] == "seen"
    assert heard.data["case_id"] == receipt["case_id"]


def test_a_listener_that_comes_back_gets_exactly_what_it_missed(watched_city: City, served: BackgroundApi) -> None:
    for number in range(10, 15):
        watched_city.report(incident_id=f"i-{number}", cell_id=f"5101040010010{number}")
    with listening(watched_city, served, last_event_id="2") as stream:
        assert [next_event(stream).id for _ in range(4)] == ["2", "3", "4", "5"]


def test_a_long_absence_is_caught_up_in_pages(watched_city: City, served: BackgroundApi) -> None:
    for number in range(120):
        watched_city.report(incident_id=f"i-{number}", cell_id=f"510104001001{number:03d}")
    with listening(watched_city, served, {"after": 0}) as stream:
        assert [next_event(stream).id for _ in range(121)] == [str(number) for number in range(121)]


def test_a_listener_from_another_database_is_told_to_start_over(watched_city: City, served: BackgroundApi) -> None:
    with listening(watched_city, served, last_event_id="900") as stream:
        assert next_event(stream).data == {"seq": 0, "reset": True}


def test_a_second_process_on_the_same_database_is_heard_too(watched_city: City, served: BackgroundApi) -> None:
    other = create_app(
        watched_city.settings,
        watched_city.store,
        watched_city.evidence,
        watched_city.keys,
        ScriptedCells(),
        watched_city.clock,
    )
    with BackgroundApi(other, watched_city.settings) as second, listening(watched_city, second) as stream:
        assert next_event(stream).event == "hello"
        watched_city.report()
        assert next_event(stream).id == "1"


def test_silence_is_broken_by_a_comment(watched_city: City, served: BackgroundApi) -> None:
    with listening(watched_city, served) as stream:
        assert [next(stream).data for _ in range(3)][1:] == ["alive", "alive"]


def test_a_stream_ends_when_its_key_is_revoked(watched_city: City, served: BackgroundApi) -> None:
    with listening(watched_city, served) as stream:
        next_event(stream)
        watched_city.keys.revoke("read-key", NOON)
        assert {each.data for each in stream} <= {"alive"}


def test_a_stream_ends_when_the_server_stops(watched_city: City, served: BackgroundApi) -> None:
    with listening(watched_city, served) as stream:
        next_event(stream)
        served.stop()
        assert {each.data for each in stream} <= {"alive"}
    assert watched_city.app.state.feed.clients == 0


def test_one_listener_too_many_is_asked_to_come_later(tmp_path: Path) -> None:
    city = City(tmp_path / "small", ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.1, event_clients=1))
    with BackgroundApi(city.app, city.settings) as server:
        with listening(city, server) as stream:
            next_event(stream)
            answer = httpx.get(
                f"{server.url}/api/v1/events", headers={"authorization": f"Bearer {city.key[Scope.READ]}"}
            )
            assert (answer.status_code, slug(answer)) == (503, "too-many-streams")
            assert answer.headers["retry-after"]
        with listening_when_free(city, server) as stream:
            assert next_event(stream).event == "hello"
    city.close()


@contextmanager
def listening_when_free(city: City, server: BackgroundApi) -> Iterator[Iterator[Said]]:
    """The place is given back as soon as the server notices that the listener has gone."""
    key = {"authorization": f"Bearer {city.key[Scope.READ]}"}
    with httpx.Client(base_url=server.url, timeout=10) as client:
        for _ in range(500):
            with client.stream("GET", "/api/v1/events", headers=key) as answer:
                if answer.status_code == 200:
                    yield said(answer)
                    return
                answer.read()
    pytest.fail("the place was never given back")


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 19, "١"])
def test_a_number_that_is_none_is_refused(city: City, number: str) -> None:
    answer = city.client(Scope.READ).get("/api/v1/events", headers={b"Last-Event-ID": number.encode()})
    assert (answer.status_code, slug(answer)) == (422, "invalid-request")
