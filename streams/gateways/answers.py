"""WVP-GB28181-pro's answers as our own values; the only place that knows its field names.

Read from its sources, versions 2.7.3 and 2.7.4: ``DeviceQuery``, ``PlayController``, ``PtzController``,
``StreamContent``, ``DeviceChannel``, ``SyncStatus``. 2.7.2 and older name a channel's code
``channelId``, and its state is a boolean.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from streams.gb_codes import carries_video

_Row = TypeVar("_Row")

_MOST_TEXT = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ADDRESS_KEYS: Mapping[str, tuple[str, ...]] = {"rtsp": ("rtsp", "rtsps"), "flv": ("flv", "https_flv")}
_SCHEMES = {"rtsp": "rtsp", "rtsps": "rtsps", "flv": "http", "https_flv": "https"}


class NotUnderstood(ValueError):
    """A field that must be there is not; the text names it."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device (recorder, camera, platform below) as the gateway lists it."""

    code: str
    name: str
    is_online: bool
    channel_count: int
    """As many as the gateway says the device has."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel of a device."""

    device: str
    code: str
    name: str
    is_online: bool
    is_folder: bool
    """A district or group, not a camera."""
    lonlat: tuple[float, float] | None
    ptz: bool
    """It can be turned (dome, or remote-controlled)."""

    @property
    def has_picture(self) -> bool:
        return not self.is_folder and carries_video(self.code)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Row]):
    """One page of a list, and how long the gateway says the list is."""

    rows: tuple[_Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a device's catalogue has come."""

    total: int | None
    """Announced by the device; None before its first answer."""
    received: int
    is_running: bool
    error: str | None


@dataclass(frozen=True, slots=True, repr=False)
class PlayedStream:
    """What a play came back with; the address may hold a token and is not to be shown."""

    stream: str
    device: str | None
    channel: str | None
    """Named by old versions only."""
    addresses: Mapping[Literal["rtsp", "flv"], str]


@dataclass(frozen=True, slots=True)
class Preset:
    """A stored position of a camera that can be turned."""

    number: int
    name: str


def device_row(row: Mapping[str, Any]) -> DeviceRow:
    """
    Raises:
        NotUnderstood: it has no code.
    """
    online = row.get("onLine", row.get("online"))
    return DeviceRow(_code(row, "deviceId"), _text(row, "name"), _is_on(online), _count(row.get("channelCount")))


def channel_row(device: str, row: Mapping[str, Any]) -> ChannelRow:
    """
    Args:
        device: whose channel it is; the row's own word for it differs between versions.

    Raises:
        NotUnderstood: it has no code.
    """
    code = _code(row, "channelId" if row.get("channelId") else "deviceId")
    longitude, latitude = row.get("longitude"), row.get("latitude")
    lonlat = None
    if _is_degree(longitude, 180.0) and _is_degree(latitude, 90.0) and (longitude or latitude):
        lonlat = (float(longitude), float(latitude))  # type: ignore[arg-type]  # _is_degree has looked
    return ChannelRow(
        device,
        code,
        _text(row, "name"),
        _is_on(row.get("status")),
        _count(row.get("channelType")) != 0,
        lonlat,
        # 1 dome, 4 remote-controlled, 5 remote-controlled half dome.
        _count(row.get("ptzType", row.get("PTZType"))) in (1, 4, 5),
    )


def page_of(data: Any) -> tuple[list[Mapping[str, Any]], int]:
    """The rows and the announced total of a ``PageInfo``.

    Raises:
        NotUnderstood: it is none.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("list"), list):
        raise NotUnderstood("list")
    rows = [row for row in data["list"] if isinstance(row, Mapping)]
    total = data.get("total")
    return rows, total if isinstance(total, int) and total >= 0 else len(rows)


def sync_progress(data: Any) -> SyncProgress:
    """``SyncStatus``; the gateway leaves it out until the device has answered."""
    if not isinstance(data, Mapping):
        return SyncProgress(None, 0, True, None)
    total = data.get("total")
    error = _text(data, "errorMsg") or None
    received = _count(data.get("current"))
    is_whole = isinstance(total, int) and total > 0 and received >= total
    return SyncProgress(
        total if isinstance(total, int) else None,
        received,
        error is None and not is_whole and data.get("syncIng") is not False,
        error,
    )


def played_stream(data: Any) -> PlayedStream:
    """``StreamContent``.

    Raises:
        NotUnderstood: no stream's name in it.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("stream"), str) or not data["stream"]:
        raise NotUnderstood("stream")
    addresses: dict[Literal["rtsp", "flv"], str] = {}
    kinds: tuple[Literal["rtsp", "flv"], ...] = ("rtsp", "flv")
    for kind in kinds:
        for key in _ADDRESS_KEYS[kind]:
            url = data.get(key)
            # Never a path or file://: what is answered here is opened.
            if kind not in addresses and isinstance(url, str) and url.strip().startswith(f"{_SCHEMES[key]}://"):
                addresses[kind] = url.strip()
    named = [data.get(key) for key in ("deviceID", "deviceId", "channelId")]
    device = next((value for value in named[:2] if isinstance(value, str) and value), None)
    channel = named[2] if isinstance(named[2], str) and named[2] else None
    return PlayedStream(data["stream"], device, channel, addresses)


def presets(data: Any) -> tuple[Preset, ...]:
    """
    Raises:
        NotUnderstood: no list.
    """
    if not isinstance(data, list):
        raise NotUnderstood("data")
    found = []
    for row in data:
        if isinstance(row, Mapping) and str(row.get("presetId", "")).isdecimal():
            found.append(Preset(int(str(row["presetId"])), _text(row, "presetName")))
    return tuple(found)


def clean_text(text: object) -> str:
    """A gateway's words on one line: no control characters, at most 100 characters."""
    return _CONTROL.sub(" ", str(text)).strip()[:_MOST_TEXT]


def _code(row: Mapping[str, Any], key: str) -> str:
    code = clean_text(row.get(key) or "")
    if not code:
        raise NotUnderstood(key)
    return code


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else clean_text(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).isdecimal():
        return 0
    return int(value)


def _is_on(value: object) -> bool:
    """``ON``/``OFF`` since 2.7.0, a boolean or 0/1 before."""
    if isinstance(value, str):
        return value.strip().upper() in ("ON", "TRUE", "1", "ONLINE")
    return value in (True, 1)


def _is_degree(value: object, limit: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= limit
