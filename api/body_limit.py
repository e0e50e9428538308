"""A ceiling on what a request may carry, held while it streams in."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVIDENCE_PREFIX = "/api/v1/evidence/"
OPEN311_PREFIX = "/open311/"
"""Citizens' reports, which may bring pictures along."""
CLIPS_PATH = "/api/v1/clips"
"""Video files that an admin uploads."""


class BodyTooLarge(HTTPException):
    """More bytes than this address takes; nothing of them is kept."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413, f"the body is larger than {limit_bytes} bytes; send a smaller one")


class BodyLimit:
    """Refuses a body by its declared length, or at the first byte too many where none is declared.

    The check sits in ``receive``: a request that is refused before its body is read (no key) says that first.
    """

    def __init__(
        self,
        app: ASGIApp,
        evidence_bytes: int,
        other_bytes: int,
        open311_bytes: int | None = None,
        clip_bytes: int | None = None,
    ) -> None:
        self.app = app
        self.evidence_bytes = evidence_bytes
        self.other_bytes = other_bytes
        self.open311_bytes = other_bytes if open311_bytes is None else open311_bytes
        self.clip_bytes = other_bytes if clip_bytes is None else clip_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        declares_too_much = declared.isdigit() and int(declared) > limit
        taken = 0
        refused = False

        async def limited_receive() -> Message:
            nonlocal taken, refused
            if declares_too_much and not refused:
                refused = True
                raise BodyTooLarge(limit)
            message = await receive()
            if message["type"] == "http.request" and not refused:
                taken += len(message.get("body", b""))
                if taken > limit:
                    refused = True
                    raise BodyTooLarge(limit)
            return message

        await self.app(scope, limited_receive, send)

    def _limit_of(self, path: str) -> int:
        if path.startswith(EVIDENCE_PREFIX):
            return self.evidence_bytes
        if path == CLIPS_PATH:
            return self.clip_bytes
        return self.open311_bytes if path.startswith(OPEN311_PREFIX) else self.other_bytes
