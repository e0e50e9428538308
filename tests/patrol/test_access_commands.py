"""``gridpatrol users`` and ``gridpatrol audit`` on the machine of the case room."""

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from cases.access.errors import LastAdmin, PersonTaken
from cases.roles import Role
from core.errors import ConfigError
from patrol.cli import app
from patrol.desk_login import login_address
from tests.api.city import City
from tests.patrol.street import settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with nothing but its database."""
    settings(tmp_path, [])  # writes the grids
    path = tmp_path / "gridpatrol.toml"
    path.write_text(
        "[site]\ndata_dir = '.'\n[grid]\nfile = 'grids.geojson'\n[database]\nurl = 'sqlite:///cases.db'\n", "utf-8"
    )
    return path


def run(config: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "-c", str(config)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def database_of(config: Path) -> str:
    (file,) = config.parent.rglob("cases.db")
    return f"sqlite:///{file}"


def test_people_are_added_listed_changed_and_mended(config: Path) -> None:
    added = run(config, "users", "add", "boss", "--admin", "--name", "王队").output
    initial = added.rstrip().rpartition(": ")[2]
    assert len(initial) == 19
    assert "boss\t王队\tadmin\t-\t有效" in run(config, "users", "list").output
    with pytest.raises(PersonTaken):
        run(config, "users", "add", "boss", "--admin")
    with pytest.raises(LastAdmin):
        run(config, "users", "change", "boss", "--off")
    run(config, "users", "add", "zhang", "--role", "handling_unit", "--unit", "三中队")
    assert (
        "auditor,inspector"
        in run(config, "users", "change", "zhang", "--role", "inspector", "--role", "auditor").output
    )
    assert "停用" in run(config, "users", "change", "zhang", "--off").output
    assert initial not in run(config, "users", "reset-password", "boss").output
    assert "nothing to unlock" in run(config, "users", "unlock", "boss").output
    listed = run(config, "audit", "list", "--subject", "person:zhang").output
    assert [line.split("\t")[3] for line in listed.splitlines()] == ["person.change", "person.change", "person.add"]


def test_the_chains_are_verified_anchored_and_exported(config: Path) -> None:
    run(config, "users", "add", "boss", "--admin")
    run(config, "keys", "create", "dash", "--scope", "read")
    assert run(config, "audit", "verify").exit_code == 0
    anchor = config.parent / "heads.json"
    anchor.write_text(run(config, "audit", "verify", "--anchor").stdout, "utf-8")
    assert json.loads(anchor.read_text("utf-8"))["audit_entry"]["seq"] == 2
    assert run(config, "audit", "verify", "--against", str(anchor)).exit_code == 0
    out = config.parent / "log.jsonl"
    run(config, "audit", "export", str(out))
    entries = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [entry["action"] for entry in entries] == ["person.add", "key.create"]
    with pytest.raises(ConfigError, match="there already"):
        run(config, "audit", "export", str(out))
    with pytest.raises(ConfigError, match="no anchor"):
        run(config, "audit", "verify", "--against", str(out))
    engine = create_engine(database_of(config))
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_update"))
        connection.execute(text("UPDATE audit_entry SET subject = 'key:other' WHERE seq = 2"))
    engine.dispose()
    broken = run(config, "audit", "verify")
    assert broken.exit_code == 1
    assert "row 2 is broken" in broken.output


def test_the_first_link_makes_the_first_admin_and_later_links_do_not(tmp_path: Path) -> None:
    city = City(tmp_path)
    site = settings(tmp_path, [])
    somebody = {"display_name": "张伟", "roles": ["admin"]}

    def link_browser() -> httpx.Client:
        browser = city.client()
        token = login_address(site, city.keys, city.clock.now()).rpartition("=")[2]
        assert browser.get("/login", params={"token": token}).status_code == 303
        browser.headers["x-csrf-token"] = city.csrf(browser)
        return browser

    first = link_browser()
    assert first.post("/api/v1/people", json=somebody | {"login": "zhang"}).status_code == 201
    later = link_browser()
    assert later.post("/api/v1/people", json=somebody | {"login": "wang"}).status_code == 403
    assert set(later.get("/api/v1/me").json()["roles"]) == set(Role) - {Role.ADMIN}
    assert later.get("/api/v1/audit").status_code == 200
    city.close()
