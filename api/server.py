"""Runs the app: binds first (so that a taken port says so), stops within seconds even while browsers listen."""

import logging
import socket
import threading
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.event_feed import EventFeed
from api.settings import ApiSettings
from core.errors import ConfigError, PatrolError

logger = logging.getLogger("gridpatrol.api")
BACKLOG = 512
START_S = 30.0
"""A background server that has not started by then will not."""


class PatrolServer(uvicorn.Server):
    """Uvicorn that ends the event streams before it waits for connections to finish."""

    def __init__(self, config: uvicorn.Config, feed: EventFeed) -> None:
        super().__init__(config)
        self._feed = feed
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops in order, the second at once; neither is raised again after a clean stop."""
        self.force_exit = self.should_exit
        self.should_exit = True


def bind(settings: ApiSettings) -> socket.socket:
    """A listening place for the API.

    Raises:
        ConfigError: host or port cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # callers that come before the app is up wait instead of being refused
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"[api] cannot listen on {settings.host} port {settings.port} ({error.strerror}); "
            "stop the program that holds it, or set [api].host or [api].port"
        ) from error
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a program on this machine reaches a listener, e.g. ``http://127.0.0.1:8650``."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    app: FastAPI, settings: ApiSettings, listener: socket.socket | None = None, configures_logging: bool = True
) -> None:
    """Serve until SIGINT or SIGTERM, then return; call it in the main thread.

    Args:
        app: made by ``api.app.create_app``.
        settings: the same that the app was made with.
        listener: from ``bind``, when the caller wants to know the address first.
        configures_logging: False leaves the process's logging as the caller has set it up.
    """
    taken = listener if listener is not None else bind(settings)
    server = _server(app, settings, log_config(settings) if configures_logging else None)
    logger.info("listening on %s", address_of(taken))
    try:
        server.run(sockets=[taken])
    finally:
        taken.close()


class BackgroundApi:
    """The API in a thread of this process, for one-command set-ups and tests; leaves the process's logging alone."""

    def __init__(self, app: FastAPI, settings: ApiSettings) -> None:
        self._app = app
        self._settings = settings
        self._server: PatrolServer | None = None
        self._thread: threading.Thread | None = None
        self.url = ""
        """Where it answers, once started."""

    def start(self) -> str:
        """Listen, and return the address once the first request would be answered.

        Raises:
            ConfigError: the port cannot be had.
            PatrolError: the app did not start.
        """
        listener = bind(self._settings)
        self.url = address_of(listener)
        server = _server(self._app, self._settings, logging_set_up=None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api", daemon=True)
        self._server, self._thread = server, thread
        thread.start()
        if not server.is_up.wait(START_S):
            self.stop()
            raise PatrolError(f"the API did not start within {START_S:.0f} s; its log has the cause")
        return self.url

    def stop(self) -> None:
        """End streams and requests, and join the thread."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(self._settings.stop_s + 5)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(5)

    def __enter__(self) -> "BackgroundApi":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def _server(app: FastAPI, settings: ApiSettings, logging_set_up: dict[str, Any] | None) -> PatrolServer:
    config = uvicorn.Config(
        app,
        log_config=logging_set_up,
        access_log=False,  # uvicorn's line carries the query, and with it a login token; api.traffic writes ours
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
        ws="none",
        timeout_graceful_shutdown=settings.stop_s,
        timeout_keep_alive=15,
        limit_concurrency=settings.event_clients + 500,
    )
    feed: EventFeed = app.state.feed
    return PatrolServer(config, feed)


def log_config(settings: ApiSettings) -> dict[str, Any]:
    """Logging for the server's process: one line a record, on standard error."""
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "loggers": {
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "gridpatrol.api": {"handlers": ["stderr"], "level": level, "propagate": False},
            "gridpatrol.api.traffic": {"level": level if settings.access_log else "WARNING"},
        },
    }
