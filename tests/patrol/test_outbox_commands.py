"""What the API refused for good can be looked at and, once the cause is mended, be sent again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases.keys import Scope
from core.errors import ConfigError
from patrol.cli import app
from patrol.outbox import Outbox
from tests.patrol.camera_site import Site
from tests.patrol.conftest import OutageApi
from tests.patrol.street import cases, until
from tests.patrol.test_delivery import delivering, opened, put


@pytest.fixture
def site(tmp_path: Path, outage_api: OutageApi) -> Site:
    return Site(tmp_path, outage_api)


def outbox(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["outbox", *arguments, "--config", str(site.config)])


def test_a_refused_report_is_listed_with_its_reason_and_sent_again_while_the_worker_runs(site: Site) -> None:
    site.api.come()
    kept = Outbox(site.settings().outbox_path)
    try:
        with delivering(kept, site.api, site.api.key("worker-1", Scope.WORKER)):
            put(kept, opened(1, at=datetime.now(UTC) + timedelta(days=2)), opened(2))
            assert until(lambda: kept.waiting_count() == 0)
            listed = outbox(site, "list")
            assert listed.exit_code == 0, listed.output
            assert "incident-1:0\t" in listed.output
            assert "future" in listed.output
            assert "set aside: 1" in listed.output
            assert outbox(site, "requeue", "incident-1:0").exit_code == 0
            assert until(lambda: len(kept.refusals()) == 1 and kept.waiting_count() == 0)  # the cause still stands
        with kept._transaction() as db:
            db.execute("UPDATE outbox SET body=replace(body, ?, ?)", (f"{tomorrow():%Y-%m-%d}", "2026-05-15"))
        with delivering(kept, site.api, site.api.key("worker-2", Scope.WORKER)):
            again = outbox(site, "requeue", "--all")
            assert "sent again: 1" in again.output
            assert until(lambda: len(cases(site.api)) == 2), kept.refusals()
        assert kept.refusals() == []
    finally:
        kept.close()


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=2)


def test_what_is_not_set_aside_cannot_be_sent_again_and_something_must_be_named(site: Site) -> None:
    Outbox(site.settings().outbox_path).close()
    assert outbox(site, "requeue").exit_code != 0
    unknown = outbox(site, "requeue", "incident-9:0")
    assert isinstance(unknown.exception, ConfigError)
    assert "incident-9:0" in str(unknown.exception)


def test_where_no_worker_ever_ran_there_is_no_outbox_and_none_is_made(site: Site) -> None:
    listed = outbox(site, "list")
    assert isinstance(listed.exception, ConfigError)
    assert "there is no outbox" in str(listed.exception)
    assert not site.settings().outbox_path.exists()
