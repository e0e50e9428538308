"""Every setting of ``gridpatrol.toml``, told by the code that reads it: ``docs/settings.md`` is this text."""

import ast
import inspect
import json
import textwrap
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, HttpUrl, IPvAnyNetwork, SecretStr
from pydantic.fields import FieldInfo

from patrol.settings import Settings

HEAD = """# Settings

Every key of `gridpatrol.toml`, its default and its bounds, written by `gridpatrol config reference` from the code that
reads the file; a test holds this page to it. `gridpatrol config init` writes a commented file to begin with,
`gridpatrol config check` tries one; a key that is not known is refused by name. Paths are relative to the file's own
folder. `[x]` is a table, `[[x]]` one of a list of tables, `[x.NAME]` a table with a name that you choose.
"""

_WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    HttpUrl: "address",
    SecretStr: "text, a secret",
    IPvAnyNetwork: "network",
    datetime: "date and time",
    date: "date",
}
_UNIONS = (Union, types.UnionType)
_BOUNDS = (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))


@dataclass(frozen=True, slots=True)
class _Section:
    """One table of the file."""

    name: str
    """As TOML has it: ``[api]``, ``[[cameras]]``, ``[gateways.NAME]``; empty: the top of the file."""
    model: type[BaseModel]


def reference() -> str:
    """The whole page, Markdown."""
    return "\n".join([HEAD, *(_told(section) for section in _sections(Settings, "", ""))]).rstrip() + "\n"


def _sections(model: type[BaseModel], name: str, brackets: str) -> Iterator[_Section]:
    yield _Section(_header(name, brackets), model)
    for key, field in model.model_fields.items():
        inner, kind = _inner_model(field.annotation)
        if inner is not None:
            path = f"{name}.{key}" if name else key
            yield from _sections(inner, f"{path}.NAME" if kind == "named" else path, "[[" if kind == "listed" else "[")


def _header(name: str, brackets: str) -> str:
    return f"{brackets}{name}{brackets.replace('[', ']')}" if name else ""


def _told(section: _Section) -> str:
    meanings = _meanings(section.model)
    rows = [
        f"| `{key}` | {_type_of(field)} | {_default_of(field)} | {_cell(field.description or meanings.get(key, ''))} |"
        for key, field in section.model.model_fields.items()
        if _inner_model(field.annotation)[0] is None
    ]
    title = f"## `{section.name}`" if section.name else "## Top of the file"
    about = inspect.cleandoc(section.model.__doc__ or "") if section.name else ""
    table = ["| key | takes | default | what it is |", "|---|---|---|---|", *rows] if rows else []
    return "\n".join([title, "", *([_plain(about), ""] if about else []), *table, ""])


def _inner_model(annotation: Any) -> tuple[type[BaseModel] | None, Literal["one", "listed", "named"]]:
    """The model that a key's own table is read by, if it has one."""
    origin, inside = get_origin(annotation), [one for one in get_args(annotation) if one is not type(None)]
    if origin in _UNIONS:
        found = [_inner_model(one) for one in inside]
        return next((one for one in found if one[0] is not None), (None, "one"))
    if origin in (tuple, list) and inside and _is_model(inside[0]):
        return inside[0], "listed"
    if origin is dict and _is_model(inside[1]):
        return inside[1], "named"
    return (annotation, "one") if _is_model(annotation) else (None, "one")


def _is_model(what: Any) -> bool:
    return isinstance(what, type) and issubclass(what, BaseModel)


def _type_of(field: FieldInfo) -> str:
    bounds = [
        f"{sign} {_number(getattr(mark, name))}"
        for mark in field.metadata
        for name, sign in _BOUNDS
        if isinstance(mark, annotated_types.BaseMetadata) and isinstance(getattr(mark, name, None), (int, float))
    ]
    return ", ".join([_words_for(field.annotation), *bounds])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _words_for(annotation: Any) -> str:
    if annotation in _WORDS:
        return _WORDS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{json.dumps(one.value)}`" for one in annotation)
    if _is_model(annotation):
        return "table"
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return _words_for(inside[0])
    if origin is Literal:
        return ", ".join(f"`{json.dumps(one)}`" for one in inside)
    if origin in _UNIONS:
        return " or ".join(dict.fromkeys(_words_for(one) for one in inside if one is not type(None)))
    if origin in (tuple, list, set, frozenset):
        each = list(dict.fromkeys(_words_for(one) for one in inside if one is not Ellipsis))
        is_fixed = origin is tuple and Ellipsis not in inside
        return f"{len(inside)} × {each[0]}" if is_fixed and len(each) == 1 else f"list of {', '.join(each)}"
    if origin in (dict, Mapping):
        return f"table of {_words_for(inside[1])}"
    base = getattr(annotation, "__supertype__", None)  # of a NewType
    return _words_for(base) if base is not None else _plain(getattr(annotation, "__name__", str(annotation))).lower()


def _default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == Path():
        return "none"
    return f"`{json.dumps(_as_toml(value), ensure_ascii=False)}`"


def _as_toml(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(_as_toml(one) for one in value)
    if isinstance(value, (tuple, list)):
        return [_as_toml(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): _as_toml(one) for key, one in value.items()}
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Key -> the text below it in the code, a base's first."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or base is BaseModel:
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for line, below in pairwise(body):
            if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
                continue
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                found[line.target.id] = inspect.cleandoc(str(below.value.value))
    return found


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _cell(text: str) -> str:
    return " ".join(_plain(text).split()).replace("|", "\\|")
