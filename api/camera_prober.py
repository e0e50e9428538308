"""A look at a feed from the API's machine, for an admin: bounded in time and number, and not at every address."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.problems import AddressRefused, ProbesBusy
from core.errors import ConfigError, FeedCorrupt, FeedNotFound
from streams.address import LIVE_SCHEMES, host_and_port
from streams.clip_kinds import HEAD_BYTES, clip_kind
from streams.opening import source_of
from streams.probe import spec_for
from streams.snapshot import LARGEST_WIDTH_PX, Snapshot, take_snapshot
from streams.sources import Source
from streams.spec import FeedSpec

AT_ONCE = 2
"""Looks at the same time, for everybody together: each holds a thread and a decoder."""
CLOUD_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")
)
"""Where clouds tell a machine its own secrets."""
NOT_FILES = ("/dev", "/proc", "/sys")
FEED_KEYS = ("url", "kind", "username", "password", "password_env", "secret_query", "transport")


class CameraProber:
    """Threads may share it.

    Args:
        timeout_s: silence to put up with; a look takes at most about three times as long.
        make_source: what opens a feed; a gateway's cameras are opened where it knows the gateway.
    """

    def __init__(
        self, timeout_s: float = 4.0, make_source: Callable[[FeedSpec], Source] = source_of, at_once: int = AT_ONCE
    ) -> None:
        self._timeout_s = timeout_s
        self._make_source = make_source
        self._turns = threading.BoundedSemaphore(at_once)
        self.refused = 0
        """Looks that found every turn taken."""

    def look(self, section: Mapping[str, Any], width_px: int = LARGEST_WIDTH_PX) -> Snapshot:
        """What a camera's section shows now.

        Args:
            section: of a camera; only what says how its feed is opened is read.
            width_px: of the picture, at most.

        Raises:
            ConfigError: the section's feed cannot be used; the text holds no secret.
            AddressRefused: nobody may have this address opened.
            ProbesBusy: as many looks as may be are going on.
            FeedError: there is no picture, and why.
        """
        given = {name: section[name] for name in FEED_KEYS if section.get(name) is not None}
        url = given.pop("url", None)
        if not isinstance(url, str) or not url.strip():
            raise ConfigError("no address is given; write rtsp://host[:port]/path, or the path of a video file")
        spec = spec_for(url, self._timeout_s, **given)
        with self._turn():
            check_address(spec)
            return take_snapshot(spec, self._timeout_s, self._make_source, width_px)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(blocking=False):
            self.refused += 1
            raise ProbesBusy("other cameras are being looked at just now; try again in a few seconds")
        try:
            yield
        finally:
            self._turns.release()


def check_address(spec: FeedSpec) -> None:
    """
    Raises:
        AddressRefused: its host is this machine's cloud metadata, link-local, multicast or no host at all.
        FeedNotFound, FeedCorrupt: a path at which there is no video file and no folder.
    """
    if spec.scheme in LIVE_SCHEMES:
        _check_host(host_and_port(spec.url)[0])
    elif spec.scheme == "file":
        _check_path(spec)


def _check_host(host: str) -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return  # the look itself says that the name is not known
    for *_, where in found:
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain in CLOUD_METADATA or plain.is_link_local or plain.is_multicast or plain.is_unspecified:
            raise AddressRefused(
                f"{host} is a link-local, multicast or metadata address, and no camera; give the camera's own address"
            )


def _check_path(spec: FeedSpec) -> None:
    path = spec.path
    if not path.is_absolute() or any(_is_below(path, forbidden) for forbidden in NOT_FILES):
        raise AddressRefused(f"{spec.address} is no path of a video file; give the whole path, beginning with /")
    try:
        if path.is_dir():
            return
        if not path.is_file():
            raise FeedNotFound(spec.id, f"there is no file {spec.address}; check the path")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise FeedNotFound(spec.id, f"{spec.address} may not be read; give this user the right to read it") from error
    if clip_kind(head) is None:
        raise FeedCorrupt(spec.id, f"{spec.address} is no video file; give an MP4, MOV, MKV, AVI, TS, FLV or MPEG")


def _is_below(path: Path, folder: str) -> bool:
    return path.resolve().is_relative_to(folder)
