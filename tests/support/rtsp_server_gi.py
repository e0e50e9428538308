"""Runs under the system's python with GStreamer's bindings; ``rtsp_server.py`` starts it.

Reads one JSON object from the command line: ``{"port", "username", "password", "mounts": {name: file}}``, each file
a row of access units (see ``rtsp_server.write_access_units``), and serves them looped, paced by their own times.
Then one ``{"mount", "file"}`` a line on standard input: from now on that mount sends these, its viewers stay connected.
Says ``ready``, and ``{"mount", "began_s"}`` with the Unix time of a mount's first picture, each time it begins anew.
"""

import json
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]  # the system's python has it, the project's has not

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402  # as above

RECORD = struct.Struct("<qqqI")
PIPELINE = (
    "( appsrc name=source is-live=true format=time block=false max-bytes=20000000"
    " caps=video/x-h264,stream-format=byte-stream,alignment=au"
    # The parser repeats the headers once a key frame; the payloader would put them before each of its slices.
    " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
)
ROLE = "viewer"


def access_units(path: Path) -> Iterator[tuple[int, int, int, bytes]]:
    raw = path.read_bytes()
    at = 0
    while at < len(raw):
        pts, dts, duration, size = RECORD.unpack_from(raw, at)
        at += RECORD.size
        yield pts, dts, duration, raw[at : at + size]
        at += size


class LoopedClip:
    """One mount: all its viewers share one pipeline, which is fed for as long as somebody looks."""

    def __init__(self, name: str, path: Path, is_guarded: bool) -> None:
        self.name = name
        self.show(path)
        self.factory = GstRtspServer.RTSPMediaFactory()
        self.factory.set_shared(True)
        self.factory.set_launch(PIPELINE)
        self.factory.connect("media-configure", self.feed_media)
        if is_guarded:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role(ROLE, "media.factory.access", True)
            permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
            self.factory.set_permissions(permissions)

    def show(self, path: Path) -> None:
        """Send this from now on, from its first picture; the stream's own clock goes on."""
        self.units = list(access_units(path))

    def feed_media(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_child_by_name("source")
        gone = threading.Event()
        media.connect("unprepared", lambda _media: gone.set())
        threading.Thread(target=self.feed, args=(source, gone), daemon=True).start()

    def feed(self, source: Any, gone: threading.Event) -> None:
        began = time.monotonic_ns()
        tell({"mount": self.name, "began_s": time.time()})
        offset = 0
        while not gone.is_set():
            units = self.units
            shown = 0
            for pts, dts, duration, unit in units:
                wait_ns = began + offset + dts - time.monotonic_ns()
                if wait_ns > 0 and gone.wait(wait_ns / 1e9):
                    return
                if self.units is not units:
                    break
                buffer = Gst.Buffer.new_wrapped(unit)
                buffer.pts, buffer.dts, buffer.duration = offset + pts, offset + dts, duration
                if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                    return
                shown = max(shown, pts + duration)
            offset += shown


def tell(word: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def obey(clips: dict[str, LoopedClip]) -> None:
    """Until whoever started us is gone; then there is nobody to serve."""
    for line in sys.stdin:
        asked = json.loads(line)
        clips[asked["mount"]].show(Path(asked["file"]))
    os._exit(0)


def main() -> None:
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted["port"]))
    if wanted["username"]:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", ROLE)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(wanted["username"], wanted["password"]), token)
        server.set_auth(auth)
    clips = {name: LoopedClip(name, Path(path), bool(wanted["username"])) for name, path in wanted["mounts"].items()}
    for name, clip in clips.items():
        server.get_mount_points().add_factory("/" + name, clip.factory)
    if not server.attach(None):
        sys.exit(f"port {wanted['port']} cannot be used")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Thread(target=obey, args=(clips,), daemon=True).start()
    GLib.MainLoop().run()


main()
