"""A real RTSP server (GStreamer's) that serves H.264 clips looped, for tests and for soaking by hand.

python -m tests.support.rtsp_server --port 8554 plaza=plaza.mp4 street=street.mp4
"""

import argparse
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import pytest
from av.bitstream import BitStreamFilterContext

SYSTEM_PYTHON = "/usr/bin/python3"
PACKAGES = (
    "gstreamer1.0-rtsp gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-libav python3-gi"
)
_RECORD = struct.Struct("<qqqI")
_SCRIPT = Path(__file__).with_name("rtsp_server_gi.py")
_READY_S = 15.0


class RtspServer:
    """Serves each clip of ``mounts`` at ``rtsp://127.0.0.1:port/name``; can be killed, frozen and started again."""

    def __init__(
        self, mounts: Mapping[str, Path], port: int | None = None, username: str = "", password: str = ""
    ) -> None:
        self.port = port or free_port()
        self._username = username
        self.password = password
        """What it asks for from its next start on."""
        self._folder = tempfile.TemporaryDirectory(prefix="rtsp-")
        self._units: dict[str, str] = {}
        for name, clip in mounts.items():
            units = Path(self._folder.name) / f"{name}.units"
            write_access_units(clip, units)
            self._units[name] = str(units)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._folder.cleanup()

    def url(self, name: str, username: str = "", password: str = "") -> str:
        user_info = f"{username}:{password}@" if username else ""
        return f"rtsp://{user_info}127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start the server and wait until it listens."""
        wanted = {"port": self.port, "username": self._username, "password": self.password, "mounts": self._units}
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(_SCRIPT), json.dumps(wanted)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C in the terminal is for whoever started it
        )
        assert self._process.stdout is not None
        has_word, _, _ = select.select([self._process.stdout], [], [], _READY_S)
        if not has_word or self._process.stdout.readline() != b"ready\n":
            self.kill()
            raise RuntimeError(f"the RTSP server did not start on port {self.port}; is the port free?")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            self._process = None

    def show(self, name: str, clip: Path) -> None:
        """Let a mount send another clip; its viewers stay connected. A server started anew sends the first again."""
        units = Path(self._folder.name) / f"{name}.{len(list(Path(self._folder.name).iterdir()))}.units"
        write_access_units(clip, units)
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"mount": name, "file": str(units)}).encode() + b"\n")
        self._process.stdin.flush()

    def began_s(self, name: str, timeout_s: float = _READY_S) -> float:
        """The Unix time of the mount's first picture; waits until somebody looks. To be asked once a beginning."""
        assert self._process is not None
        assert self._process.stdout is not None
        ends_at_s = time.monotonic() + timeout_s
        while time.monotonic() < ends_at_s:
            has_word, _, _ = select.select([self._process.stdout], [], [], max(0.0, ends_at_s - time.monotonic()))
            if has_word and (told := json.loads(self._process.stdout.readline() or b"{}")).get("mount") == name:
                return float(told["began_s"])
        raise RuntimeError(f"nobody looks at {name}")

    def freeze(self) -> None:
        """Connections stay open and say nothing more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None


def write_access_units(clip: Path, units: Path) -> None:
    """An H.264 clip as a row of (pts, dts, duration in ns from 0, size, Annex B access unit with delimiter)."""
    with av.open(str(clip)) as container, units.open("wb") as out:
        stream = container.streams.video[0]
        if stream.codec_context.name != "h264":
            raise ValueError(f"{clip.name} is {stream.codec_context.name}; the test server serves H.264 only")
        chain = BitStreamFilterContext("h264_mp4toannexb,h264_metadata=aud=insert", stream)
        first_dts: int | None = None
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            for unit in chain.filter(packet):
                if unit.dts is None or unit.pts is None:
                    raise ValueError(f"{clip.name} has a picture without timestamps; remux it")
                first_dts = unit.dts if first_dts is None else first_dts
                base = unit.time_base or stream.time_base or Fraction(1, 90000)
                ns = [int(ticks * base * 10**9) for ticks in (unit.pts - first_dts, unit.dts - first_dts)]
                out.write(_RECORD.pack(*ns, int((unit.duration or 0) * base * 10**9), unit.size))
                out.write(bytes(unit))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_rtsp_server() -> None:
    """Skip the calling test where the server cannot run; fail it where GRIDPATROL_REQUIRE_ALL=1 asks for all."""
    script = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        tried = subprocess.run([SYSTEM_PYTHON, "-c", script], capture_output=True, timeout=30, check=False)
        is_there = tried.returncode == 0
    except OSError:
        is_there = False
    if is_there:
        return
    reason = f"needs GStreamer's RTSP server: apt-get install -y --no-install-recommends {PACKAGES}"
    if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def main() -> None:
    """Serve the clips named on the command line until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8554)
    parser.add_argument("--username", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("mounts", nargs="+", metavar="name=clip.mp4")
    given = parser.parse_args()
    mounts = {name: Path(clip) for name, _, clip in (mount.partition("=") for mount in given.mounts)}
    with RtspServer(mounts, given.port, given.username, given.password) as server:
        for name in mounts:
            sys.stdout.write(f"{server.url(name)}\n")
        sys.stdout.flush()
        try:
            while server.is_running():
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
    sys.exit("the RTSP server ended by itself")


if __name__ == "__main__":
    main()
