"""Examples for the messages that have none of their own: made of their parts' examples, so that none can go stale."""

from collections.abc import Mapping
from typing import Any

from api.example_values import BY_FIELD, BY_FORMAT, BY_SCHEMA

Schema = Mapping[str, Any]
_REF = "#/components/schemas/"
_NOTHING_OF = {"string": None, "integer": 1, "number": 1.0, "boolean": False, "null": None}


class _Unknown(LookupError):
    """Nobody has chosen a value; the message stays without an example, which a test finds."""


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Give every message of the document an example, in place; those that have one keep it."""
    schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
    composer = _Composer(schemas)
    for name, schema in schemas.items():
        if schema.get("type") == "object" and not schema.get("examples"):
            try:
                schema["examples"] = [composer.of_schema(name, ())]
            except _Unknown:
                continue
    return document


class _Composer:
    """Makes values that fit their schemas."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def of_schema(self, name: str, within: tuple[str, ...]) -> Any:
        """
        Raises:
            _Unknown: a field's value is not known, or the schema holds itself.
        """
        schema = self._schemas[name]
        if schema.get("examples"):
            return schema["examples"][0]
        if name in within:
            raise _Unknown(name)
        if "properties" not in schema:
            return self._value(schema, name, "", within)
        short = name.rpartition("__")[2].removesuffix("-Input").removesuffix("-Output")
        fields: Mapping[str, Schema] = schema["properties"]
        return {field: self._field(short, field, told, (*within, name)) for field, told in fields.items()}

    def _field(self, owner: str, field: str, told: Schema, within: tuple[str, ...]) -> Any:
        chosen = f"{owner}.{field}"
        if chosen in BY_SCHEMA:
            return BY_SCHEMA[chosen]
        return self._value(told, owner, field, within)

    def _value(self, told: Schema, owner: str, field: str, within: tuple[str, ...]) -> Any:
        if told.get("examples"):
            return told["examples"][0]
        if "const" in told:
            return told["const"]
        if "$ref" in told:
            return self._referred(told["$ref"], field, within)
        if "anyOf" in told:
            return self._one_of(told["anyOf"], owner, field, within)
        kind = told.get("type")
        if "enum" in told:
            return BY_FIELD[field] if BY_FIELD.get(field) in told["enum"] else told["enum"][0]
        if kind == "array" and _refers(told):
            return [self._value(told["items"], owner, field, within)]
        if field in BY_FIELD and _fits(BY_FIELD[field], kind):
            return BY_FIELD[field]
        if kind == "array":
            return self._list(told, owner, field, within)
        if kind == "object":
            return told.get("default", {})
        if told.get("format") in BY_FORMAT:
            return BY_FORMAT[told["format"]]
        if "default" in told:
            return told["default"]
        if kind in ("integer", "number"):
            return told.get("minimum", _NOTHING_OF[kind])
        if kind in ("boolean", "null"):
            return _NOTHING_OF[kind]
        raise _Unknown(f"{owner}.{field}")

    def _referred(self, reference: str, field: str, within: tuple[str, ...]) -> Any:
        name = reference.removeprefix(_REF)
        schema = self._schemas[name]
        if "enum" in schema:
            return self._value(schema, name, field, within)
        return self.of_schema(name, within)

    def _one_of(self, choices: list[Schema], owner: str, field: str, within: tuple[str, ...]) -> Any:
        """The value chosen for the name; else the message that may stand there; else nothing, where that may."""
        may_be_null = any(each.get("type") == "null" for each in choices)
        if may_be_null and field in BY_FIELD and BY_FIELD[field] is None:
            return None
        for each in choices:
            known = field in BY_FIELD and each.get("type") not in (None, "null")
            if (known and _fits(BY_FIELD[field], each.get("type"))) or _refers(each) or "$ref" in each:
                return self._value(each, owner, field, within)
        return None if may_be_null else self._value(choices[0], owner, field, within)

    def _list(self, told: Schema, owner: str, field: str, within: tuple[str, ...]) -> list[Any]:
        if told.get("prefixItems"):
            return [self._value(each, owner, "", within) for each in told["prefixItems"]]
        return [self._value(told["items"], owner, field, within)] if "enum" in told["items"] else []


def _refers(told: Schema) -> bool:
    """It is a list of messages."""
    return told.get("type") == "array" and "$ref" in told.get("items", {})


def _fits(value: object, kind: str | None) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return kind == "boolean"
    kinds = {"string": str, "integer": int, "array": list, "object": dict}
    return isinstance(value, int | float) if kind == "number" else kind in kinds and isinstance(value, kinds[kind])
