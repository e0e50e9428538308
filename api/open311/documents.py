"""Answers as the standard writes them: XML without a schema, and JSON by its Spark convention, from the same rows."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from xml.etree import ElementTree

from core.clock import as_utc

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]
Row = Mapping[str, Value]

_ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
"""What one of a list is called in XML; of any other list, each has the list's own name."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can hold."""


class Format(StrEnum):
    """How an answer is written."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return "text/xml; charset=utf-8" if self is Format.XML else "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Document:
    """A list of rows; or with ``item`` None the one row that the root itself is."""

    root: str
    item: str | None
    rows: tuple[Row, ...]

    def as_bytes(self, form: Format) -> bytes:
        return _as_xml(self) if form is Format.XML else _as_json(self)


def w3c(moment: datetime) -> str:
    """A moment as the standard has it: to the second, in UTC."""
    return as_utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def storable(text: str) -> str:
    """Text that can be told in XML again: line ends as one sign, and nothing that XML has no sign for."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _as_json(document: Document) -> bytes:
    said = list(document.rows) if document.item is not None else document.rows[0]
    return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _as_xml(document: Document) -> bytes:
    root = ElementTree.Element(document.root)
    for row in document.rows:
        parent = root if document.item is None else ElementTree.SubElement(root, document.item)
        for name, value in row.items():
            _append(parent, name, value)
    said: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + said


def _append(parent: ElementTree.Element, name: str, value: Value) -> None:
    if isinstance(value, str | int | float) or value is None:
        ElementTree.SubElement(parent, name).text = _text(value)
    elif isinstance(value, Mapping):
        element = ElementTree.SubElement(parent, name)
        for inner, part in value.items():
            _append(element, inner, part)
    elif name in _ITEMS:
        element = ElementTree.SubElement(parent, name)
        for part in value:
            _append(element, _ITEMS[name], part)
    else:
        for part in value:
            _append(parent, name, part)


def _text(value: str | float | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else str(value)
