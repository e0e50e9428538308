"""How refusals look in the OpenAPI description."""

from typing import Any

from api.problems import BY_ERROR, BY_STATUS, MEDIA_TYPE, ProblemDetails

TAGGED = frozenset({"200", "201", "304"})
ETAG: dict[str, Any] = {
    "description": "which version this is; comes back as `If-Match` with a change, as `If-None-Match` to read anew",
    "schema": {"type": "string", "examples": ['"12"']},
}


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


def with_etags(document: dict[str, Any]) -> dict[str, Any]:
    """Tell of the ``ETag`` in the answers of whatever is read or changed by version.

    Those are the operations that take ``If-None-Match`` or ``If-Match``, and the reading of what ``If-Match`` guards.
    """
    for operations in document.get("paths", {}).values():
        takes = {method: _headers_of(operation) for method, operation in operations.items()}
        is_guarded = any("if-match" in names for method, names in takes.items() if method != "post")
        for method, operation in operations.items():
            if takes[method] & {"if-match", "if-none-match"} or (is_guarded and method == "get"):
                for status, answer in operation["responses"].items():
                    if status in TAGGED:
                        answer.setdefault("headers", {})["ETag"] = ETAG
    return document


def _headers_of(operation: dict[str, Any]) -> set[str]:
    return {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
