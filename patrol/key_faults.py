"""What is wrong with a section, in the words of whoever wrote it: the key, why, and the nearest known name."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True)
class KeyFault:
    """One key that is not right. The value itself is left out: it may be a password."""

    key: str
    """Its path in TOML terms, e.g. ``cameras[1].url``."""
    message: str
    line: str
    """Both in one."""


def explain(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """One line a fault."""
    return [fault.line for fault in faults_of(error, root)]


def faults_of(error: ValidationError, root: type[BaseModel]) -> list[KeyFault]:
    """
    Args:
        root: what was validated.
    """
    found = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        key = dotted(fault["loc"])
        if fault["type"] == "extra_forbidden":
            known = known_names(root, fault["loc"][:-1])
            near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known)) or 'nothing'}"
            found.append(KeyFault(key, f"is unknown; {hint}", f"unknown key {key!r}; {hint}"))
        elif fault["type"] == "missing":
            message = "is missing; add it (gridpatrol config init writes a commented example)"
            found.append(KeyFault(key, message, f"{key!r} {message}"))
        else:
            message = fault["msg"].removeprefix("Value error, ")
            found.append(KeyFault(key, message, f"{key!r}: {message}"))
    return found


def dotted(loc: Sequence[str | int]) -> str:
    """``('cameras', 1, 'url')`` -> ``cameras[1].url``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(the file)"


def known_names(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Field names of the section at ``loc``."""
    section: Any = model
    is_name = False  # of a table of tables: [gateways.city]
    for part in loc:
        if isinstance(part, int) or is_name:
            is_name = False
            continue
        field = section.model_fields.get(part)
        if field is None:
            return []
        is_name = get_origin(field.annotation) is dict
        section = inner_model(field.annotation)
        if section is None:
            return []
    return list(section.model_fields)


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The section class inside ``X``, ``X | None``, ``tuple[X, ...]``."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for arg in get_args(annotation) if (found := inner_model(arg)) is not None), None)
