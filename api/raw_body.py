"""Bodies that are a file as it is: TOML, CSV, GeoJSON, iCalendar."""

import json
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
    """``openapi_extra`` for a route that takes a file: an example by media type (``/`` is ``__``, ``+`` ``_plus_``)."""
    content = {}
    for name, example in examples.items():
        media_type = name.replace("__", "/").replace("_plus_", "+")
        is_json = media_type.endswith("json")
        schema = {"type": "object"} if is_json else {"type": "string"}
        content[media_type] = {"schema": schema, "example": json.loads(example) if is_json else example}
    return {"requestBody": {"required": True, "content": content}}
