"""One line and one measurement per request; neither ever holds a query, a key or a cookie."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import ApiMetrics
from core.clock import Clock

logger = logging.getLogger("gridpatrol.api.traffic")
STREAM_ROUTES = frozenset({"/api/v1/events", "/cameras/{camera_id}/live.mjpeg"})
"""Their answers last as long as somebody listens."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Traffic:
    """Times each answer and names the route it took, not the address asked for: label values stay few."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics, clock: Clock) -> None:
        self.app = app
        self.metrics = metrics
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = self.clock.monotonic()
        status = 500

        async def noting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        finally:
            took_s = self.clock.monotonic() - started
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", None) or "unmatched"
            if route not in STREAM_ROUTES:
                self.metrics.requests_s.labels(method, route, str(status)).observe(took_s)
            path = scope["path"].encode("unicode_escape").decode("ascii")[:200]
            logger.info("%s %s %d %.1f ms", method, path, status, took_s * 1000)
