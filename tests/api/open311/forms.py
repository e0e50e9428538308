"""What a portal posts, and how answers are read."""

from typing import Any
from xml.etree import ElementTree

import httpx

from tests.api.open311.conftest import INSIDE


def form(key: str, **changed: Any) -> dict[str, Any]:
    """The fields of a sound report, with changes; None leaves a field out."""
    fields = {
        "api_key": key,
        "jurisdiction_id": "city.example",
        "service_code": "exposed_garbage",
        **INSIDE,
        "description": "垃圾袋 <堆> & 散落\n第二行",
        "first_name": "小明",
        "last_name": "王",
        "phone": "138-0000-0000",
        "email": "wang@example.org",
    } | changed
    return {name: value for name, value in fields.items() if value is not None}


def rows(answer: httpx.Response) -> list[dict[str, str | None]]:
    """The items of an XML list, as a client reads them."""
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
    return [{field.tag: field.text for field in item} for item in root]


def errors(answer: httpx.Response) -> list[str]:
    """The descriptions of a refusal in JSON, checked for its form."""
    assert answer.headers["content-type"] == "application/json; charset=utf-8", answer.text
    said = answer.json()
    assert isinstance(said, list)
    assert said
    for each in said:
        assert set(each) == {"code", "description"}
        assert isinstance(each["code"], int)
        assert " / " in each["description"], "both languages"
    return [each["description"] for each in said]
