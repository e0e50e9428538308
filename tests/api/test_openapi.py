"""The OpenAPI document: complete, and its examples are true."""

from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel

from api.camera_config_wire import CameraBatchWire, CameraChangeWire, CameraConfigWire
from api.camera_wire import CameraReportWire, CameraStatusWire, CameraWire
from api.case_command_wire import BulkCommandWire, CommandWire
from api.case_wire import CaseEventWire, CaseWire, CloseWire
from api.incident_wire import IncidentWire, ReceiptWire
from api.place_wire import LastDayWire
from api.problems import ProblemDetails
from api.request_wire import WhyWire
from cases.keys import Scope
from cases.roles import Role
from cases.worktime.documents import CalendarDocument
from tests.api.city import City
from tests.api.people import with_person

WITH_EXAMPLES: tuple[type[BaseModel], ...] = (
    IncidentWire,
    ReceiptWire,
    CaseWire,
    CaseEventWire,
    CloseWire,
    CameraStatusWire,
    CameraWire,
    CameraReportWire,
    CameraConfigWire,
    CameraBatchWire,
    CameraChangeWire,
    ProblemDetails,
    CommandWire,
    BulkCommandWire,
    LastDayWire,
    WhyWire,
    CalendarDocument,
)


@pytest.fixture
def document(city: City) -> dict[str, Any]:
    answer = city.client(Scope.READ).get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("model", WITH_EXAMPLES, ids=lambda model: model.__name__)
def test_every_example_is_a_sound_message(document: dict[str, Any], model: type[BaseModel]) -> None:
    (example,) = document["components"]["schemas"][model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json", exclude_unset=True) == example


def test_every_body_and_answer_of_the_case_api_has_a_schema_that_exists(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_every_closed_operation_says_how_it_is_opened_and_how_it_refuses(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], f"{method} {path}"
            if path in ("/healthz", "/readyz"):
                assert "security" not in operation
                continue
            assert {"key": []} in operation["security"]
            for status in ("401", "403", "422", "503"):
                assert "application/problem+json" in operation["responses"][status]["content"], f"{method} {path}"


def test_the_fields_of_an_unknown_kind_are_refused_everywhere(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object":
            assert schema.get("additionalProperties") is False, name


def test_an_answer_has_a_version_where_the_document_says_so(city: City, document: dict[str, Any]) -> None:
    with_person(city, "li.min", Role.ACCEPTOR)
    city.register_cameras("CAM-01")
    case_id = city.report().json()["case_id"]
    admin = city.client(Scope.ADMIN)
    read = {
        "/api/v1/cases/{case_id}": f"/api/v1/cases/{case_id}",
        "/api/v1/people/{login}": "/api/v1/people/li.min",
        "/api/v1/calendars/{calendar_id}": "/api/v1/calendars/default",
        "/api/v1/catalogue/current": "/api/v1/catalogue/current",
        "/api/v1/catalogue/versions": "/api/v1/catalogue/versions",
        "/api/v1/people": "/api/v1/people",
        "/api/v1/cases": "/api/v1/cases",
        "/api/v1/map/base": "/api/v1/map/base",
    }
    for pattern, path in read.items():
        answer = admin.get(path)
        assert answer.status_code == 200, (path, answer.text)
        told = document["paths"][pattern]["get"]["responses"]["200"].get("headers", {})
        assert ("etag" in answer.headers) == ("ETag" in told), path
    declared = [told for ops in document["paths"].values() for op in ops.values() for told in op["responses"].values()]
    assert sum("ETag" in each.get("headers", {}) for each in declared) > 25


def test_every_message_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    """Also those that are made of their parts' examples."""
    schemas = document["components"]["schemas"]
    messages = {name: schema for name, schema in schemas.items() if schema.get("type") == "object"}
    assert len(messages) > 100
    assert [name for name, schema in messages.items() if not schema.get("examples")] == []
    faults = []
    for name, schema in messages.items():
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        rules = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        for example in schema["examples"]:
            faults += [f"{name} {error.instance_path}: {error.message}" for error in rules.iter_errors(example)]
    assert faults == []


def test_every_operation_that_speaks_json_shows_what_is_sent_and_what_comes_back(document: dict[str, Any]) -> None:
    bare, shown = [], 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            told = [("request", operation.get("requestBody", {}).get("content", {}))]
            told += [
                (status, answer.get("content", {}))
                for status, answer in operation["responses"].items()
                if status.startswith("2")
            ]
            for where, content in told:
                for media, body in content.items():
                    if media not in ("application/json", "application/geo+json"):
                        continue
                    shown += 1
                    if not _shows_one(document, body):
                        bare.append(f"{method.upper()} {path} {where} {media}")
    assert bare == []
    assert shown > 100


def _shows_one(document: dict[str, Any], body: dict[str, Any]) -> bool:
    if "example" in body or "examples" in body:
        return True
    schema = body.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return bool(schema.get("examples"))
