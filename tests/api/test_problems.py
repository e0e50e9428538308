"""What the API says when something below it fails: enough to mend, nothing of the inside."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from api.problems import BY_ERROR, BY_STATUS, problem_for
from cases.keys import Scope
from core.errors import CaseError, CaseNotFound, FeedUnreachable, PatrolError
from core.ids import CameraId
from tests.api.city import NOON, City, problem, slug


def test_the_nearest_ancestor_of_an_error_decides() -> None:
    class CaseLost(CaseNotFound):
        """A deeper kind."""

    assert problem_for(CaseLost()).slug == "case-not-found"
    assert problem_for(CaseError()).status == 422
    assert problem_for(FeedUnreachable(CameraId("C"), "away")).status == 500
    assert problem_for(PatrolError()).status == 500


def test_every_kind_of_problem_has_one_status() -> None:
    rows = [*BY_ERROR.values(), *BY_STATUS.values()]
    assert len({row.slug for row in rows}) == len({(row.slug, row.status) for row in rows})


def test_an_inside_error_tells_a_reference_and_the_log_has_the_cause(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    @city.app.get("/api/v1/broken")
    def break_down() -> None:
        raise RuntimeError("password=hunter2 in /srv/secret")

    answer = city.client().get("/api/v1/broken")
    document = problem(answer)
    assert (answer.status_code, slug(answer)) == (500, "internal-error")
    assert "hunter2" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    reference = document["detail"].split("reference ")[1].split()[0]
    assert reference in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_database_without_tables_is_a_503_that_says_to_come_back(city: City) -> None:
    reader = city.client(Scope.READ)
    with city.engine.begin() as connection:
        connection.execute(text("DROP TABLE api_key"))
    answer = reader.get("/api/v1/cases")
    assert (answer.status_code, slug(answer)) == (503, "database-away")
    assert int(answer.headers["retry-after"]) > 0
    assert str(city.folder) not in answer.text


def test_ready_says_ready_and_then_what_is_wrong_without_a_path(city: City, caplog: pytest.LogCaptureFixture) -> None:
    anyone = city.client()
    assert anyone.get("/readyz").json() == {"status": "ready", "database": "ok", "evidence": "ok"}
    with city.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    caplog.set_level(logging.WARNING)
    answer = anyone.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert answer.json()["database"].startswith("database outdated")
    assert str(city.folder) not in answer.text
    assert "not ready" in caplog.text
    assert anyone.get("/healthz").status_code == 200


def test_metrics_go_on_when_the_case_tables_cannot_be_read(watched_city: City) -> None:
    reader = watched_city.client(Scope.READ)
    with watched_city.engine.begin() as connection:
        connection.execute(text("DROP TABLE camera"))
    answer = reader.get("/metrics")
    assert answer.status_code == 200
    assert "gridpatrol_database_up 0.0" in answer.text


def test_two_apps_in_one_process_keep_their_own_figures(city: City, tmp_path: Path) -> None:
    other = City(tmp_path / "other")
    other.keys.create("extra", [Scope.READ], NOON)
    other.register_cameras("CAM-01")
    other.report()
    assert 'outcome="opened"} 0.0' in city.client(Scope.READ).get("/metrics").text
    assert 'outcome="opened"} 1.0' in other.client(Scope.READ).get("/metrics").text
    other.close()


def test_a_wild_address_makes_no_new_figure(city: City) -> None:
    client = city.client(Scope.READ)
    client.get("/nothing/here/" + "x" * 300)
    client.request("BREW", "/healthz")
    text_ = client.get("/metrics").text
    assert 'method="GET",route="unmatched",status="404"' in text_
    assert "BREW" not in text_
    assert "xxxx" not in text_
