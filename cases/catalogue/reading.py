"""A catalogue file's text to a ``Catalogue``, with errors that name the line, the field and the mend."""

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from cases.catalogue import SHIPPED_FILE
from cases.catalogue.entries import Catalogue, CatalogueCategory
from cases.catalogue.errors import CatalogueRefused

TOML, JSON = "application/toml", "application/json"
LONGEST_FILE = 1024 * 1024
"""Characters; five hundred categories of the shipped size are a third of it."""
_CATEGORY_HEAD = re.compile(r"\s*\[\[\s*categories\s*\]\]")
_KNOWN_KEYS = tuple(CatalogueCategory.model_fields)


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A catalogue and the text that it was read from, remarks included."""

    catalogue: Catalogue
    source: str
    media_type: str

    @property
    def sha256(self) -> str:
        """Of the text: the same file is the same version."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def media_type_of(name: str) -> str:
    """By a file's ending: ``.json``, or TOML."""
    return JSON if name.lower().endswith(".json") else TOML


def read_catalogue(text: str, media_type: str, source: str) -> CatalogueFile:
    """A catalogue from a file's text.

    Args:
        text: TOML or JSON, with or without a byte order mark.
        media_type: ``application/toml`` or ``application/json``.
        source: what errors call the file.

    Raises:
        CatalogueRefused: not TOML or JSON, or not a catalogue.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LONGEST_FILE:
        raise CatalogueRefused(f"{source}: {len(text)} characters; a catalogue has at most {LONGEST_FILE}")
    data = _load(text, media_type, source)
    try:
        return CatalogueFile(Catalogue.model_validate(data), text, media_type)
    except ValidationError as error:
        raise CatalogueRefused(_told(error, data, text if media_type == TOML else None, source)) from error


@lru_cache(maxsize=1)
def shipped() -> CatalogueFile:
    """The catalogue that comes with Gridpatrol."""
    return read_catalogue(SHIPPED_FILE.read_text(encoding="utf-8"), TOML, SHIPPED_FILE.name)


def _load(text: str, media_type: str, source: str) -> Any:
    try:
        return json.loads(text) if media_type == JSON else tomllib.loads(text)
    except json.JSONDecodeError as error:
        raise CatalogueRefused(
            f"{source}: line {error.lineno}, column {error.colno}: {error.msg}; mend the JSON"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueRefused(f"{source}: {error}; mend the TOML") from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise CatalogueRefused(f"{source}: nested too deeply, or a number too long, to be a catalogue") from error


def _told(error: ValidationError, data: Any, toml: str | None, source: str) -> str:
    """Up to five faults, each with its line (TOML), its field and the mend."""
    return "; ".join(_fault(each, data, toml, source) for each in error.errors()[:5])


def _fault(error: Any, data: Any, toml: str | None, source: str) -> str:
    loc: tuple[int | str, ...] = error["loc"]
    where = _field(loc, data)
    line = None if toml is None else _line_of(toml, loc)
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(loc[-1]), _KNOWN_KEYS, n=1)
        message = f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; take it out"
    elif error["type"] == "missing":
        message = "is missing; add it"
    at = source if line is None else f"{source}: line {line}"
    return f"{at}: {where}: {message}" if where else f"{at}: {message}"


def _field(loc: Sequence[int | str], data: Any) -> str:
    """``categories[2] (bin_overflow).deadline.strict``."""
    text = ""
    here = data
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get("id") if isinstance(here, dict) else None
            text += f"[{step + 1}]" + (f" ({name})" if isinstance(name, str) else "")
        else:
            here = here.get(step) if isinstance(here, dict) else None
            text += ("." if text else "") + step
    return text


def _line_of(toml: str, loc: Sequence[int | str]) -> int | None:
    """The line of a field in TOML as people lay it out; of its category's head where the field is not there."""
    lines = toml.splitlines()
    heads = [number for number, line in enumerate(lines) if _CATEGORY_HEAD.match(line)]
    if len(loc) < 2 or loc[0] != "categories" or not isinstance(loc[1], int):
        return _find_key(lines, 0, heads[0] if heads else len(lines), str(loc[0])) if loc else None
    if loc[1] >= len(heads):
        return None
    start = heads[loc[1]]
    end = heads[loc[1] + 1] if loc[1] + 1 < len(heads) else len(lines)
    best = start
    for key in (step for step in loc[2:] if isinstance(step, str)):
        # A key of its own stands before the next table's head; a table's head may stand anywhere in the category.
        part_end = next((number for number in range(best + 1, end) if lines[number].lstrip().startswith("[")), end)
        found = _find_key(lines, best, part_end, key)
        if found is None and best == start:
            found = _find_head(lines, start, end, key)
        best = best if found is None else found - 1
    return best + 1


def _find_key(lines: Sequence[str], start: int, end: int, key: str) -> int | None:
    key = re.escape(key)
    pattern = re.compile(rf"(?:\s*|.*[{{,]\s*)\"?{key}\"?\s*=")
    return next((number + 1 for number in range(start, end) if pattern.match(lines[number])), None)


def _find_head(lines: Sequence[str], start: int, end: int, key: str) -> int | None:
    pattern = re.compile(rf"\s*\[{{1,2}}\s*categories\.{re.escape(key)}\s*\]")
    return next((number + 1 for number in range(start, end) if pattern.match(lines[number])), None)
