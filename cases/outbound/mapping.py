"""A mapping file: how a case becomes another system's JSON, and where the answer holds its id (docs/webhooks.md).

``{case.number}`` and its like stand for facts; a value that is nothing else keeps the fact's type. ``{code.…}`` looks a
fact up in the file's own tables, ``{secret.…}`` in the environment, ``{upper.id}`` is the platform's id.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cases.outbound.facts import FACT_NAMES, Fact
from core.errors import ConfigError

_FIELD = re.compile(r"\{([a-z]+)\.([A-Za-z0-9_]+)\}")
Names = Mapping[str, Mapping[str, Fact]]
"""``case``, ``code``, ``secret``, ``upper`` to their fields."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Proof(_Section):
    """How an answer says that it went well, where the HTTP status does not tell."""

    path: str
    equals: str | int | bool


class Call(_Section):
    """One request."""

    url: str = Field(pattern=r"^https?://")
    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    body: dict[str, Any] | None = None
    ok: Proof | None = None
    id: str | None = None
    """Where in the answer the platform's id stands, e.g. ``data.caseId`` or ``rows.0.id``."""


class MappingFile(_Section):
    """The whole file."""

    headers: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    """Name -> environment variable."""
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Fact -> our value -> theirs, e.g. ``codes.category.exposed_garbage = "0102"``."""
    file: Call
    close: Call | None = None
    lookup: Call | None = None

    @model_validator(mode="after")
    def every_field_is_known(self) -> Self:
        known = {f"case.{name}" for name in FACT_NAMES}
        known |= {f"code.{name}" for name in self.codes} | {f"secret.{name}" for name in self.secrets}
        for fact in self.codes:
            if fact not in FACT_NAMES:
                raise ValueError(f"codes.{fact} is no fact of a case; take one of {', '.join(sorted(FACT_NAMES))}")
        for where, part, more in (
            ("headers", self.headers, set[str]()),
            ("file", self.file.model_dump(), set[str]()),
            ("close", self.close and self.close.model_dump(), {"upper.id"}),
            ("lookup", self.lookup and self.lookup.model_dump(), set[str]()),
        ):
            for name in _fields_in(part):
                if name not in known | more:
                    near = difflib.get_close_matches(name, known | more, 1)
                    hint = f"; did you mean {{{near[0]}}}?" if near else ""
                    raise ValueError(f"{where}: {{{name}}} is unknown{hint}")
        if self.file.id is None:
            raise ValueError("file.id is missing: say where the answer holds the platform's id")
        if self.lookup is not None and self.lookup.id is None:
            raise ValueError("lookup.id is missing: say where the answer holds the platform's id")
        return self

    def names(self, facts: Mapping[str, Fact], secrets: Mapping[str, str], upper_id: str | None) -> Names:
        """All that templates may name."""
        codes = {fact: table.get(str(facts[fact])) for fact, table in self.codes.items()}
        return {"case": facts, "code": codes, "secret": dict(secrets), "upper": {"id": upper_id}}


def load_mapping(path: Path) -> MappingFile:
    """
    Raises:
        ConfigError: missing, no TOML, or a field that is not known (named, with the nearest).
    """
    try:
        return MappingFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"mapping file {path} cannot be read ({error}); mend it, see docs/webhooks.md") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"mapping file {path}: {where or 'file'}: {first['msg']}; see docs/webhooks.md") from None


def filled(template: Any, names: Names) -> Any:
    """A body with its facts."""
    if isinstance(template, dict):
        return {key: filled(value, names) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, names) for value in template]
    if not isinstance(template, str):
        return template
    alone = _FIELD.fullmatch(template)
    if alone:
        return names[alone[1]].get(alone[2])
    return _FIELD.sub(lambda found: _as_text(names[found[1]].get(found[2])), template)


def filled_url(template: str, names: Names) -> str:
    """An address with its facts, percent-encoded: a fact never becomes another path or parameter."""
    return _FIELD.sub(lambda found: quote(_as_text(names[found[1]].get(found[2])), safe=""), template)


def at(document: Any, path: str) -> Any:
    """What stands in a JSON document at ``a.0.b``; None where there is nothing."""
    for step in path.split("."):
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def _fields_in(part: Any) -> set[str]:
    if isinstance(part, dict):
        return {name for value in part.values() for name in _fields_in(value)}
    if isinstance(part, list):
        return {name for value in part for name in _fields_in(value)}
    return {f"{kind}.{name}" for kind, name in _FIELD.findall(part)} if isinstance(part, str) else set()


def _as_text(value: Fact) -> str:
    return "" if value is None else str(value)
