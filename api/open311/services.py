"""What can be reported: the catalogue's categories as the standard's services."""

import hashlib
from collections.abc import Mapping

from api.open311.calls import Call
from api.open311.documents import Document, Row, Value
from api.open311.errors import bad, missing
from api.open311.settings import AttributeRule, Open311Settings
from cases.catalogue.entries import Catalogue, CatalogueCategory

GROUPS = {"01": "市容环境 / street cleanliness", "05": "街面秩序 / street order"}
"""By the first two digits of the event code."""
OTHER_GROUP = "其他 / other"


def service_list(call: Call) -> Document:
    settings, catalogue = _offer(call)
    rows = tuple(_service(each, settings) for each in catalogue.categories if _is_offered(each, settings))
    return Document("services", "service", rows)


def service_definition(call: Call, code: str) -> Document:
    """Raises: Open311Refused."""
    settings, catalogue = _offer(call)
    check_offered(code, settings, catalogue)
    rules = settings.attributes.get(code, ())
    attributes = [_attribute(rule, order) for order, rule in enumerate(rules, start=1)]
    return Document("service_definition", None, ({"service_code": code, "attributes": attributes},))


def check_offered(code: str, settings: Open311Settings, catalogue: Catalogue) -> CatalogueCategory:
    """Raises: Open311Refused."""
    found = catalogue.category(code)
    if found is None or not _is_offered(found, settings):
        raise missing(f"没有这个 service_code / no service_code {code[:64]!a}; take one from services.xml")
    return found


def check_attributes(code: str, settings: Open311Settings, sent: Mapping[str, tuple[str, ...]]) -> None:
    """
    Raises:
        Open311Refused: with one line for each answer that is missing or is none of the choices.
    """
    wrong: list[str] = []
    for rule in settings.attributes.get(code, ()):
        values = sent.get(rule.code, ())
        if rule.required and rule.variable and not values:
            wrong.append(f"缺少 attribute[{rule.code}] / attribute[{rule.code}] is missing: {rule.description}")
        choices = {choice.key for choice in rule.values}
        strange = [value for value in values if choices and value not in choices]
        if strange:
            known = ", ".join(sorted(choices))
            wrong.append(f"attribute[{rule.code}] 不在选项内 / {strange[0][:40]!a} is none of the choices: {known}")
        if len(values) > 1 and rule.datatype != "multivaluelist":
            wrong.append(f"attribute[{rule.code}] 只能有一个值 / takes one value; send it once")
    if wrong:
        raise bad(*wrong)


def changeset(call: Call) -> str:
    """Changes whenever the services or their definitions do."""
    settings = call.rooms.settings.open311
    asked = settings.model_dump_json(include={"services", "attributes", "answers"})
    return hashlib.sha256(f"{call.rooms.house.requests.catalogue().sha256}{asked}".encode()).hexdigest()[:16]


def _offer(call: Call) -> tuple[Open311Settings, Catalogue]:
    return call.rooms.settings.open311, call.rooms.house.requests.catalogue().catalogue


def _is_offered(category: CatalogueCategory, settings: Open311Settings) -> bool:
    return not settings.services or category.id in settings.services


def _service(category: CatalogueCategory, settings: Open311Settings) -> Row:
    return {
        "service_code": category.id,
        "service_name": f"{category.zh} / {category.en}",
        "description": f"结案条件：{category.closing.zh} / Put right when: {category.closing.en}",
        "metadata": bool(settings.attributes.get(category.id)),
        "type": settings.answers,
        "keywords": ", ".join(part for part in (category.zh, category.en, category.code) if part),
        "group": GROUPS.get(category.code[:2], OTHER_GROUP),
    }


def _attribute(rule: AttributeRule, order: int) -> Mapping[str, Value]:
    row: dict[str, Value] = {
        "variable": rule.variable,
        "code": rule.code,
        "datatype": rule.datatype,
        "required": rule.required,
        "datatype_description": rule.hint or None,
        "order": order,
        "description": rule.description,
    }
    if rule.values:
        row["values"] = [{"key": choice.key, "name": choice.name} for choice in rule.values]
    return row
