"""``gridpatrol webhooks`` and ``gridpatrol outbound``: the same endpoints as over the API, sent by a process alone."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from cases.outbound.errors import EndpointRefused, LineUnknown
from core.clock import SystemClock
from gridpatrol_client import verify
from patrol.cli import app
from patrol.demo.site import lay_out
from patrol.settings import load_settings
from patrol.wiring import open_case_room
from tests.cases.outbound.receiver import Receiver, Say, listening
from tests.cases.reports import announce, post, report

OUTBOUND = """
[outbound]
allow_networks = ["127.0.0.0/8"]
poll_s = 0.05
timeout_s = 5.0
refused_tries = 1
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = lay_out(tmp_path / "demo", 8650, fresh=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    config.write_text(config.read_text(encoding="utf-8") + OUTBOUND, encoding="utf-8")
    return config


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def run(config: Path, *arguments: object) -> Result:
    result = CliRunner().invoke(app, ["webhooks", *(str(each) for each in arguments), "--config", str(config)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def add(config: Path, receiver: Receiver) -> tuple[str, str]:
    """Its id and secret."""
    identity, secret = run(config, "add", "platform", receiver.url + "/hook").output.splitlines()
    return identity, secret.rpartition(" ")[2]


def open_cases(config: Path, count: int) -> None:
    room = open_case_room(load_settings(config))
    announce(room.store)
    now = SystemClock().now()
    for number in range(count):
        post(room.store, report(at=now, incident=f"i-{number}", cell_id=f"51010400100{number:04d}"))
    room.engine.dispose()


def test_an_endpoint_is_added_listed_paused_tested_and_removed(config: Path, receiver: Receiver) -> None:
    identity, secret = add(config, receiver)
    assert secret.startswith("whsec_")
    assert receiver.url in run(config, "list").output
    assert secret not in run(config, "list").output
    assert "已暂停" in run(config, "pause", identity).output
    assert "已暂停" not in run(config, "resume", identity).output
    assert "200" in run(config, "test", identity).output
    (got,) = receiver.got
    assert verify(got.body, got.headers, secret, SystemClock().now())["type"] == "test"
    assert run(config, "rotate", identity).output.strip().rpartition(" ")[2] not in ("", secret)
    assert identity in run(config, "remove", identity).output
    with pytest.raises(LineUnknown):
        run(config, "test", identity)


def test_a_test_that_is_not_taken_says_why_and_fails(config: Path, receiver: Receiver) -> None:
    identity, _ = add(config, receiver)
    receiver.behave = lambda _got: Say(403, b"who are you")
    result = run(config, "test", identity)
    assert result.exit_code == 1
    assert "who are you" in result.stderr


def test_an_address_on_our_own_side_is_refused(config: Path) -> None:
    with pytest.raises(EndpointRefused, match="allow_networks"):
        run(config, "add", "inside", "https://192.168.1.9/hook")


def test_a_process_alone_sends_sets_aside_and_stops_at_ctrl_c(config: Path, receiver: Receiver) -> None:
    identity, secret = add(config, receiver)
    receiver.behave = lambda got: Say(422, b"no") if got.seq == 2 else Say()
    open_cases(config, 3)
    command = [sys.executable, "-m", "patrol.cli", "outbound", "--config", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        got = receiver.wait_for(3, timeout_s=90.0)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, errors.decode()
    assert "Ctrl-C" in output.decode()
    assert [each.seq for each in got] == [1, 2, 3]
    assert verify(got[0].body, got[0].headers, secret, SystemClock().now())["type"] == "case.opened"
    assert "422" in run(config, "dead", identity).output
    assert "1" in run(config, "replay", identity, 2).output
    assert "待重发" in run(config, "dead", identity).output
    run(config, "discard", identity, 2)
    assert run(config, "dead", identity).output == ""
    engine = open_case_room(load_settings(config)).engine
    with engine.connect() as connection:
        assert connection.execute(text("SELECT holder FROM outbound_lease")).scalar_one() is None, "given back"
    engine.dispose()
