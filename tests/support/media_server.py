"""A real media server (nginx with its RTMP module): a camera pushes RTMP to it, viewers take RTMP, HTTP-FLV or HLS."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import pytest

from tests.support.rtsp_server import free_port

PACKAGES = "nginx-core libnginx-mod-rtmp"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_READY_S = 15.0
_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
load_module {module};
events {{ worker_connections 256; }}
rtmp {{
    server {{
        listen 127.0.0.1:{rtmp_port};
        application live {{
            live on;
            hls on;
            hls_path {folder}/hls;
            hls_fragment 1s;
            hls_playlist_length 6s;
        }}
    }}
}}
http {{
    access_log off;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{http_port};
        root {folder};
        add_header Cache-Control no-cache;
    }}
}}
"""


class MediaServer:
    """Runs while the context lasts; can be frozen and thawed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="media-")
        self._rtmp_port, self._http_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        (folder / "hls").mkdir()
        config = folder / "nginx.conf"
        config.write_text(
            _CONFIG.format(folder=folder, module=MODULE, rtmp_port=self._rtmp_port, http_port=self._http_port),
            encoding="ascii",
        )
        self._process = subprocess.Popen(
            ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        for port in (self._rtmp_port, self._http_port):
            self._wait_for(port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    def rtmp_url(self, name: str) -> str:
        return f"rtmp://127.0.0.1:{self._rtmp_port}/live/{name}"

    def hls_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._http_port}/hls/{name}.m3u8"

    def freeze(self) -> None:
        """Connections stay open and say nothing more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def _wait_for(self, port: int) -> None:
        assert self._process is not None
        ends_at_s = time.monotonic() + _READY_S
        while time.monotonic() < ends_at_s and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                return
            time.sleep(0.02)
        self._process.kill()
        raise RuntimeError(f"nginx does not listen on {port}: {self._process.communicate()[1].decode()[-500:]}")


class PushingCamera:
    """A camera that pushes a clip to the server, again and again in its own time, while the context lasts."""

    def __init__(self, clip: Path, url: str) -> None:
        self._clip = clip
        self._url = url
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._push, name="pushing-camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        self._thread.join(10)

    def _push(self) -> None:
        # The server may be gone before the camera is.
        with (
            contextlib.suppress(av.FFmpegError, OSError),
            av.open(str(self._clip)) as source,
            av.open(self._url, "w", format="flv") as target,
        ):
            stream = source.streams.video[0]
            assert stream.time_base is not None
            length = max((packet.pts or 0) + (packet.duration or 0) for packet in source.demux(stream) if packet.size)
            sent = target.add_stream_from_template(stream)
            began_s, shift = time.monotonic(), 0
            while not self._gone.is_set():
                source.seek(0, stream=stream)
                for packet in source.demux(stream):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    due_s = began_s + float(packet.dts * stream.time_base)
                    if self._gone.wait(max(0.0, due_s - time.monotonic())):
                        return
                    packet.stream = sent
                    target.mux(packet)
                shift += length


def require_media_server() -> None:
    """Skip the calling test where the server cannot run; fail it where GRIDPATROL_REQUIRE_ALL=1 asks for all."""
    if MODULE.is_file() and shutil.which("nginx"):
        return
    reason = f"needs nginx with its RTMP module: apt-get install -y --no-install-recommends {PACKAGES}"
    if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
