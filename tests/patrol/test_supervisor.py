"""API and worker as child processes: restarted when they fall, stopped when asked, never left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ConfigError
from patrol.cli import app
from patrol.demo.site import free_port
from patrol.supervisor import SUPERVISED_ENV, Child, StartFailed, Supervisor
from tests.patrol.street import until

READY_SERVER = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
SLEEPER = "import time; time.sleep(60)"


def small_children(port: int, api: str = READY_SERVER) -> Callable[[str, Path], Sequence[str]]:
    """Stand-ins with the real ones' life: one answers /readyz, one just runs."""

    def command(name: str, _config: Path) -> Sequence[str]:
        return (sys.executable, "-c", api if name == "api" else SLEEPER, str(port))

    return command


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_child_is_started_again_and_both_stop_when_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port(18850)
    supervisor = Supervisor(tmp_path / "gridpatrol.toml", f"http://127.0.0.1:{port}", small_children(port))
    try:
        supervisor.start(timeout_s=20)
        first = supervisor.pids()
        os.kill(first["worker"], signal.SIGKILL)
        supervisor.run(seconds=2.5)
        second = supervisor.pids()
    finally:
        supervisor.stop_worker()
        supervisor.stop_api()
    assert supervisor.restarts == 1
    assert second["api"] == first["api"]
    assert second["worker"] != first["worker"]
    assert "worker ended with status -9" in caplog.text
    assert not any(is_alive(pid) for pid in (*first.values(), *second.values()))


def test_an_api_that_ends_while_starting_is_told_and_no_worker_is_begun(tmp_path: Path) -> None:
    port = free_port(18850)
    children = small_children(port, api="raise SystemExit(3)")
    supervisor = Supervisor(tmp_path / "gridpatrol.toml", f"http://127.0.0.1:{port}", children)
    with pytest.raises(StartFailed, match="ended with status 3"):
        supervisor.start(timeout_s=20)
    assert "worker" not in supervisor.pids()
    supervisor.stop_worker()
    supervisor.stop_api()


def test_stopping_before_the_api_is_ready_begins_no_worker(tmp_path: Path) -> None:
    port = free_port(18850)
    supervisor = Supervisor(tmp_path / "gridpatrol.toml", f"http://127.0.0.1:{port}", small_children(port, api=SLEEPER))
    supervisor.stop_soon()
    supervisor.start(timeout_s=20)
    assert "worker" not in supervisor.pids()
    supervisor.stop_api()


def test_the_terminals_ctrl_c_reaches_the_parent_only() -> None:
    child = Child("worker", (sys.executable, "-c", SLEEPER))
    child.start()
    try:
        assert child.process is not None
        assert os.getpgid(child.process.pid) != os.getpgid(0)
    finally:
        child.stop(timeout_s=5)


def test_a_child_that_will_not_stop_is_ended(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    script = (
        "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    )
    child = Child("worker", (sys.executable, "-c", script, str(deaf)))
    child.start()
    assert until(deaf.exists)
    child.stop(timeout_s=0.3)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    assert "worker did not stop" in caplog.text


def test_a_child_whose_parent_is_gone_stops_by_itself(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    follower = "from patrol.supervisor import follow_parent; follow_parent(); import time; time.sleep(60)"
    parent = (
        "import pathlib, sys; from patrol.supervisor import Child;"
        f" child = Child('worker', (sys.executable, '-c', {follower!r})); child.start();"
        " pathlib.Path(sys.argv[1]).write_text(str(child.process.pid)); import os; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", parent, str(pid_file)], check=True, timeout=20)
    pid = int(pid_file.read_text(encoding="ascii"))
    assert until(lambda: is_gone(pid))


def is_gone(pid: int) -> bool:
    """Ended; whoever adopted it may not have buried it yet."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        return stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return not is_alive(pid)


def test_a_command_that_nobody_supervises_follows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SUPERVISED_ENV, raising=False)
    before = signal.getsignal(signal.SIGINT)
    from patrol.supervisor import follow_parent

    follow_parent()
    assert signal.getsignal(signal.SIGINT) is before


def test_up_tells_a_taken_port_before_it_starts_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "gridpatrol.toml"
        config.write_text(
            f'api.port = {port}\n[grid]\nfile = "g"\n[[cameras]]\nid = "CAM-01"\nurl = "a.mp4"\n', encoding="utf-8"
        )
        result = CliRunner().invoke(app, ["up", "-c", str(config), "--seconds", "1"])
    assert isinstance(result.exception, ConfigError)
    assert f"port {port}" in str(result.exception)
    assert not (tmp_path / "var").exists()
