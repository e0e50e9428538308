"""A gateway that speaks WVP-GB28181-pro's documented REST over real HTTP; its streams are somebody else's.

Routes, field names, codes and words are those of versions 2.7.3/2.7.4 (docs/gateways.md names the sources).
"""

import asyncio
import hashlib
import itertools
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

DEVICE = "34020000001110000001"
CAMERA = "34020000001320000001"
OTHER_CAMERA = "34020000001320000002"
USERNAME = "patrol"
PASSWORD = "gateway-s3cret"
API_KEY = "eyJhbGciOi.api-key-s3cret.c2ln"
_START_S = 15.0


@dataclass
class FakeChannel:
    """One channel of a fake device."""

    code: str
    name: str = "camera"
    status: str = "ON"
    channel_type: int = 0
    longitude: float = 0.0
    latitude: float = 0.0
    ptz_type: int = 3
    rtsp: str = ""
    """Where its stream is; empty: the device sends nothing in time."""
    flv: str = ""
    plays_as: str = ""
    """The stream's name in the answer; empty: device_channel, as it should be."""


@dataclass
class FakeDevice:
    """One registered device."""

    code: str
    channels: list[FakeChannel] = field(default_factory=list)
    name: str = "recorder"
    is_online: bool = True
    announces: int | None = None
    """How many channels it says it has; None: as many as there are."""
    sync_error: str = ""


class FakeWvp:
    """Scripted by its attributes, also while it runs; ``calls`` holds every path it was asked for.

    Args:
        has_front_end: False speaks the presets of 2.7.2 and older.
    """

    def __init__(self, devices: list[FakeDevice], has_front_end: bool = True) -> None:
        self.devices = {device.code: device for device in devices}
        self.calls: list[str] = []
        self.playing: set[tuple[str, str]] = set()
        self.called_presets: list[tuple[str, int]] = []
        self.delays_s: dict[str, float] = {}
        """Paths that begin so are answered so many seconds late."""
        self.statuses: dict[str, int] = {}
        """Paths that begin so get this HTTP status, without JSON."""
        self.tokens: set[str] = set()
        self.sync_steps = 3
        self._syncs: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._has_front_end = has_front_end
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def count(self, prefix: str) -> int:
        """How many calls began so."""
        return sum(path.startswith(prefix) for path in list(self.calls))

    def forget_tokens(self) -> None:
        """As if every token had run out."""
        self.tokens.clear()

    def start(self) -> None:
        """Answer, on the same port after each ``stop``."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = int(listener.getsockname()[1])
        self._over = threading.Event()
        config = uvicorn.Config(
            self._app(), log_config=None, log_level="warning", ws="none", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="fake-wvp", daemon=True
        )
        self._thread.start()
        self._wait(lambda: bool(self._server and self._server.started))

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._over.set()
        self._server.should_exit = True
        self._thread.join(_START_S)
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self, is_so: Callable[[], bool]) -> None:
        for _ in range(int(_START_S / 0.02)):
            if is_so():
                return
            self._over.wait(0.02)
        raise RuntimeError("the fake gateway did not start")

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.middleware("http")(self._gate)
        app.get("/api/user/login")(self._login)
        query = "/api/device/query"
        app.get(query + "/devices")(self._devices)
        app.get(query + "/devices/{device}")(self._device)
        app.get(query + "/devices/{device}/channels")(self._channels)
        app.get(query + "/devices/{device}/sync")(self._sync)
        app.get(query + "/{device}/sync_status")(self._sync_status)
        app.get("/api/play/start/{device}/{channel}")(self._play)
        app.get("/api/play/stop/{device}/{channel}")(self._stop_play)
        if self._has_front_end:
            app.get("/api/front-end/preset/query/{device}/{channel}")(self._presets)
            app.get("/api/front-end/preset/call/{device}/{channel}")(self._call_preset)
        else:
            app.get("/api/ptz/preset/query/{device}/{channel}")(self._presets)
            app.post("/api/ptz/front_end_command/{device}/{channel}")(self._front_end_command)
        return app

    async def _gate(self, request: Request, call_next: Callable[[Request], Any]) -> Response:
        path = request.url.path
        self.calls.append(path)
        for prefix, delay_s in self.delays_s.items():
            if path.startswith(prefix):
                await self._pause(delay_s)
        for prefix, status in self.statuses.items():
            if path.startswith(prefix):
                return Response("<html>", status_code=status)
        is_in = request.headers.get("access-token") in self.tokens or request.headers.get("api-key") == API_KEY
        if path != "/api/user/login" and not is_in:
            return JSONResponse({"code": 401, "msg": "请登录后重新请求"}, status_code=401)
        response: Response = await call_next(request)
        return response

    async def _pause(self, delay_s: float) -> None:
        for _ in range(int(delay_s / 0.05)):
            if self._over.is_set():
                return
            await asyncio.sleep(0.05)

    def _login(self, response: Response, username: str, password: str) -> Mapping[str, Any]:
        digest = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
        if (username, password) != (USERNAME, digest):
            return _failed("用户名或密码错误")
        token = f"token-s3cret-{next(self._numbers)}"
        self.tokens.add(token)
        response.headers["access-token"] = token
        return _good({"id": 1, "username": username, "accessToken": token, "serverId": "000000"})

    def _devices(self, page: int, count: int) -> Mapping[str, Any]:
        return _good(_page([_device_json(device) for device in self.devices.values()], page, count))

    def _device(self, device: str) -> Mapping[str, Any]:
        found = self.devices.get(device)
        return _good(_device_json(found) if found else None)

    def _channels(self, device: str, page: int, count: int, query: str = "") -> Mapping[str, Any]:
        if device not in self.devices:
            return _failed(f"未找到设备:{device}")
        rows = [
            _channel_json(device, channel)
            for channel in self.devices[device].channels
            if query in channel.code or query in channel.name
        ]
        return _good(_page(rows, page, count))

    def _sync(self, device: str) -> Mapping[str, Any]:
        self._syncs.setdefault(device, 0)
        return {"code": 0, "msg": "开始同步", "data": None}

    def _sync_status(self, device: str) -> Mapping[str, Any]:
        if device not in self._syncs:
            return _failed("同步不存在")
        found = self.devices[device]
        if found.sync_error:
            return _failed(found.sync_error)
        self._syncs[device] += 1
        step = self._syncs[device]
        if step == 1:
            return {"code": 0, "msg": "等待通道信息...", "data": None}
        total = len(found.channels) if found.announces is None else found.announces
        is_over = step >= self.sync_steps
        if is_over:
            del self._syncs[device]
        current = len(found.channels) if is_over else 0
        return _good({"total": total, "current": current, "errorMsg": None, "syncIng": not is_over})

    def _play(self, device: str, channel: str) -> Mapping[str, Any]:
        found = self._find(device, channel)
        if found is None:
            return _failed("通道不存在")
        if not found.rtsp and not found.flv:
            return {"code": -1, "msg": "信令超时", "data": None}
        self.playing.add((device, channel))
        stream = found.plays_as or f"{device}_{channel}"
        return _good(
            {
                "app": "rtp",
                "stream": stream,
                "ip": "127.0.0.1",
                "flv": found.flv or None,
                "rtsp": found.rtsp or None,
                "mediaServerId": "zlm",
                "progress": 0.0,
            }
        )

    def _stop_play(self, device: str, channel: str) -> Mapping[str, Any]:
        if (device, channel) not in self.playing:
            return _failed("点播未找到")
        self.playing.discard((device, channel))
        return _good({"deviceId": device, "channelId": channel})

    def _presets(self, device: str, channel: str) -> Mapping[str, Any]:
        return _good([{"presetId": "1", "presetName": "路口"}, {"presetId": "7", "presetName": ""}])

    def _call_preset(self, device: str, channel: str, presetId: int) -> Mapping[str, Any]:
        self.called_presets.append((channel, presetId))
        return _good(None)

    def _front_end_command(
        self, device: str, channel: str, cmdCode: int, parameter1: int, parameter2: int, combindCode2: int
    ) -> Mapping[str, Any]:
        if (cmdCode, parameter1, combindCode2) == (0x82, 1, 0):
            self.called_presets.append((channel, parameter2))
        return _good(None)

    def _find(self, device: str, channel: str) -> FakeChannel | None:
        rows = self.devices[device].channels if device in self.devices else []
        return next((row for row in rows if row.code == channel), None)


def _good(data: object) -> Mapping[str, Any]:
    return {"code": 0, "msg": "成功", "data": data}


def _failed(message: str) -> Mapping[str, Any]:
    return {"code": 100, "msg": message, "data": None}


def _page(rows: list[Mapping[str, Any]], page: int, count: int) -> Mapping[str, Any]:
    part = rows[(page - 1) * count : page * count]
    return {"total": len(rows), "list": part, "pageNum": page, "pageSize": count, "size": len(part)}


def _device_json(device: FakeDevice) -> Mapping[str, Any]:
    return {
        "id": 1,
        "deviceId": device.code,
        "name": device.name,
        "manufacturer": "Fake",
        "onLine": device.is_online,
        "channelCount": len(device.channels),
        "streamMode": "TCP-PASSIVE",
        "password": "device-s3cret",
    }


def _channel_json(device: str, channel: FakeChannel) -> Mapping[str, Any]:
    return {
        "id": 1,
        "deviceId": channel.code,
        "parentDeviceId": device,
        "name": channel.name,
        "status": channel.status,
        "channelType": channel.channel_type,
        "longitude": channel.longitude,
        "latitude": channel.latitude,
        "ptzType": channel.ptz_type,
        "parental": 0,
    }
