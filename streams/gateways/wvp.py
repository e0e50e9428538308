"""WVP-GB28181-pro's REST, call by call: every one with a deadline, failures told apart."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from streams.gateways.answers import (
    ChannelRow,
    DeviceRow,
    NotUnderstood,
    Page,
    PlayedStream,
    Preset,
    SyncProgress,
    channel_row,
    device_row,
    page_of,
    played_stream,
    presets,
    sync_progress,
)
from streams.gateways.calls import Deadline, slow
from streams.gateways.faults import GatewayError, Trouble
from streams.gateways.session import NoSuchRoute, WvpSession
from streams.gateways.spec import GatewaySpec

_T = TypeVar("_T")

_STOP_S = 2.0
_PRESET_CALL = 0x82
"""GB/T 28181 annex A.3.4: call a preset."""
_NO_SUCH = ("不存在", "未找到", "not exist", "not found")
_OFFLINE = ("离线", "不在线", "offline")
_TIMED_OUT = ("超时", "timeout", "timed out")
_SIGNAL_TIMEOUT, _STREAM_TIMEOUT = -1, -2
"""``InviteErrorCode``: the device did not answer the invite, or sent no stream."""


class WvpClient:
    """One gateway; shared by all cameras behind it and safe to call from their threads."""

    def __init__(self, name: str, spec: GatewaySpec) -> None:
        self.name = name
        self.spec = spec
        self._session = WvpSession(name, spec)
        self._turns = threading.BoundedSemaphore(spec.plays_at_once)
        self._has_old_presets = False

    def devices(self, page: int, count: int, deadline: Deadline) -> Page[DeviceRow]:
        """One page of the devices, from page 1."""
        data = self._data("/api/device/query/devices", {"page": page, "count": count}, deadline)
        return self._understood("/api/device/query/devices", lambda: _page(data, device_row))

    def device(self, device: str, deadline: Deadline) -> DeviceRow:
        """
        Raises:
            GatewayError: NOT_FOUND, or as any call.
        """
        path = f"/api/device/query/devices/{device}"
        data = self._data(path, {}, deadline)
        if data is None:
            raise self._error(Trouble.NOT_FOUND, f"knows no device {device}; mend: check the code on the gateway")
        return self._understood(path, lambda: device_row(data if isinstance(data, Mapping) else {}))

    def channels(
        self, device: str, page: int, count: int, deadline: Deadline, query: str | None = None
    ) -> Page[ChannelRow]:
        """One page of a device's channels, from page 1; ``query`` finds codes and names that hold it."""
        path = f"/api/device/query/devices/{device}/channels"
        asked: dict[str, str | int] = {"page": page, "count": count}
        if query is not None:
            asked["query"] = query
        data = self._data(path, asked, deadline)
        return self._understood(path, lambda: _page(data, lambda row: channel_row(device, row)))

    def channel(self, device: str, channel: str, deadline: Deadline) -> ChannelRow:
        """
        Raises:
            GatewayError: NOT_FOUND, or as any call.
        """
        rows = self.channels(device, 1, 50, deadline, query=channel).rows
        for row in rows:
            if row.code == channel:
                return row
        raise self._error(
            Trouble.NOT_FOUND, f"device {device} has no channel {channel}; mend: sync its catalogue, check the code"
        )

    def start_sync(self, device: str, deadline: Deadline) -> None:
        """Have the gateway ask the device for its catalogue; one that is under way goes on."""
        self._data(f"/api/device/query/devices/{device}/sync", {}, deadline)

    def sync_status(self, device: str, deadline: Deadline) -> SyncProgress | None:
        """None when the gateway knows of no sync: none was started, or it is over and forgotten."""
        path = f"/api/device/query/{device}/sync_status"
        answer = self._session.answer(path, {}, deadline)
        body = answer.body or {}
        if body.get("code") not in (0, None):
            message = self._session.words(body)
            if any(word in message for word in _NO_SUCH):
                return None
            return SyncProgress(None, 0, False, message)
        return sync_progress(body.get("data"))

    def play(self, device: str, channel: str, deadline: Deadline) -> PlayedStream:
        """Have the device send, and learn where the stream is; waits for its turn.

        Raises:
            GatewayError: told apart; the deadline counts the waiting.
        """
        path = f"/api/play/start/{device}/{channel}"
        with self._turn(deadline):
            data = self._data(path, {}, deadline)
        return self._understood(path, lambda: played_stream(data))

    def stop(self, device: str, channel: str) -> None:
        """Hang up; within two seconds, for cameras are closed when a worker stops.

        Raises:
            GatewayError: among others when the gateway no longer plays it.
        """
        self._data(f"/api/play/stop/{device}/{channel}", {}, Deadline(_STOP_S))

    def presets(self, device: str, channel: str, deadline: Deadline) -> tuple[Preset, ...]:
        """The camera's stored positions."""

        def query(room: str) -> Any:
            return self._data(f"/api/{room}/preset/query/{device}/{channel}", {}, deadline)

        data = self._with_either_presets(lambda: query("front-end"), lambda: query("ptz"))
        return self._understood("preset/query", lambda: presets(data))

    def call_preset(self, device: str, channel: str, number: int, deadline: Deadline) -> None:
        """Turn the camera to a stored position, 1 to 255."""
        if not 1 <= number <= 255:
            raise self._error(Trouble.REFUSED, f"preset {number} does not exist; mend: give one from 1 to 255")
        old: dict[str, str | int] = {
            "cmdCode": _PRESET_CALL,
            "parameter1": 1,
            "parameter2": number,
            "combindCode2": 0,
        }
        self._with_either_presets(
            lambda: self._data(f"/api/front-end/preset/call/{device}/{channel}", {"presetId": number}, deadline),
            lambda: self._data(f"/api/ptz/front_end_command/{device}/{channel}", old, deadline, method="POST"),
        )

    def _with_either_presets(self, new: Callable[[], Any], old: Callable[[], Any]) -> Any:
        """``/api/front-end`` since 2.7.3, ``/api/ptz`` before; the answer tells which, once."""
        if not self._has_old_presets:
            try:
                return new()
            except NoSuchRoute:
                pass
        data = old()
        self._has_old_presets = True
        return data

    @contextmanager
    def _turn(self, deadline: Deadline) -> Iterator[None]:
        if deadline.left_s <= 0:
            raise slow(self.name, "has left no time to play", deadline.waited_s)
        if not self._turns.acquire(timeout=deadline.left_s):
            at_once = self.spec.plays_at_once
            raise slow(self.name, f"is still starting {at_once} other channels (plays_at_once)", deadline.waited_s)
        try:
            yield
        finally:
            self._turns.release()

    def _data(
        self, path: str, query: Mapping[str, str | int], deadline: Deadline, method: str = "GET"
    ) -> Any:  # whatever JSON the gateway wraps; answers.py looks at it
        """The ``data`` of an answer whose ``code`` is 0."""
        body = self._session.answer(path, query, deadline, method).body or {}
        code = body.get("code", 0)
        if code != 0:
            raise self._refusal_of(code, self._session.words(body), path, deadline)
        return body.get("data")

    def _refusal_of(self, code: object, words: str, path: str, deadline: Deadline) -> GatewayError:
        """A ``code`` that is not 0, told apart by what the gateway says with it."""
        told = words.lower()
        if any(word in told for word in _NO_SUCH):
            return self._error(Trouble.NOT_FOUND, f"{words!r} for {path}; mend: check device and channel, sync it")
        if any(word in told for word in _OFFLINE):
            return self._error(Trouble.OFFLINE, f"{words!r} for {path}; mend: check the camera and its registration")
        if code in (_SIGNAL_TIMEOUT, _STREAM_TIMEOUT, 408, 486) or any(word in told for word in _TIMED_OUT):
            message = f"the device did not send in time ({words!r}, code {code}); mend: check it and its network"
            return GatewayError(self.name, Trouble.SLOW, message, deadline.waited_s)
        return self._error(Trouble.REFUSED, f"{words!r} (code {code}) for {path}; mend: read the gateway's log")

    def _understood(self, path: str, read: Callable[[], _T]) -> _T:
        missing = ""
        try:
            return read()
        except NotUnderstood as error:
            missing = str(error)
        raise self._error(
            Trouble.CONFUSED, f"{path} answers without {missing!r}; mend: check its version (2.6 to 2.7.4 are known)"
        )

    def _error(self, trouble: Trouble, message: str) -> GatewayError:
        return GatewayError(self.name, trouble, message)


def _page(data: object, read: Callable[[Mapping[str, Any]], _T]) -> Page[_T]:
    rows, total = page_of(data)
    return Page(tuple(read(row) for row in rows), total)
