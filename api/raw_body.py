"""Bodies that are a file as it is: TOML, CSV, GeoJSON, iCalendar."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request


@dataclass(frozen=True, slots=True)
class RawBody:
    """The bytes of a request and what it says they are."""

    data: bytes
    media_type: str
    """Lower case, without parameters; empty where none came."""


async def _raw_body(request: Request) -> RawBody:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return RawBody(await request.body(), media_type)


FileBody = Annotated[RawBody, Depends(_raw_body)]


def file_body(**examples: str) -> dict[str, Any]:
    """``openapi_extra`` for a route that takes a file; media types by their example (``/`` written ``__``)."""
    content = {
        media_type.replace("__", "/").replace("_plus_", "+"): {"schema": {"type": "string"}, "example": example}
        for media_type, example in examples.items()
    }
    return {"requestBody": {"required": True, "content": content}}
