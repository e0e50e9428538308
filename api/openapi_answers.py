"""How refusals look in the OpenAPI description."""

from typing import Any

from api.problems import BY_ERROR, BY_STATUS, MEDIA_TYPE, ProblemDetails


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem answers for a route; every one that takes a key can also say 401, 403, 429 and 503."""
    return {status: _answer(status) for status in sorted({401, 403, 422, 429, 503, *statuses})}


def _answer(status: int) -> dict[str, Any]:
    rows = [*BY_ERROR.values(), *BY_STATUS.values()]
    slugs = sorted({row.slug for row in rows if row.status == status})
    titles = sorted({row.title for row in rows if row.status == status})
    return {
        "description": "; ".join(titles) + " (type: " + ", ".join(slugs) + ")",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }


def with_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    """Add the schema that ``refusals`` points at, and the 400 of every operation whose body may be no text at all."""
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["ProblemDetails"] = schema
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["responses"].setdefault("400", _answer(400))
    return document
