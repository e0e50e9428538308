"""What every answer tells a browser not to do."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk import STATIC_VERSION


def policy_with_pictures(*origins: str) -> str:
    """Our content security policy, with pictures from these origins besides our own (a map's tiles)."""
    pictures = " ".join(("'self'", "data:", *origins))
    return (
        f"default-src 'self'; img-src {pictures}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": policy_with_pictures(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to every answer that does not set its own; keeps API answers out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", _kept(scope["path"]))
            await send(message)

        await self.app(scope, receive, guarded_send)


def _kept(path: str) -> str:
    """Pages and answers are kept nowhere, a file under its version for good, any other is asked for again (ETag)."""
    if path.startswith(f"/static/{STATIC_VERSION}/"):
        return "public, max-age=31536000, immutable"
    return "no-cache" if path.startswith("/static/") else "no-store"
