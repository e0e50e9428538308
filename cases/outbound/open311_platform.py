"""An upper platform that speaks Open311 GeoReport v2, XML or JSON.

Our number stands in the description, which is how an earlier filing is found again: the standard has no field for it.
Closing is told by ``servicerequestupdates``, the extension that FixMyStreet made common.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from cases.outbound.calls import Answer, Caller, failure_of
from cases.outbound.errors import NotDelivered
from cases.outbound.facts import CaseFacts
from cases.outbound.filings import Filing
from cases.outbound.upper_courier import CannotSearch, Filed
from cases.outbound.upper_settings import UpperSettings
from core.clock import Clock, isoformat_z

AROUND = timedelta(hours=1)
"""Clocks may differ by so much when an earlier filing is looked for."""
PAGES = 5
PAGE_SIZE = 100


class Open311Platform:
    """
    Args:
        api_key: None where the platform asks for none.
    """

    def __init__(self, name: str, settings: UpperSettings, api_key: str | None, caller: Caller, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._api_key = api_key
        self._caller = caller
        self._clock = clock
        self._root = (settings.url or "").rstrip("/")

    def file(self, facts: CaseFacts, now: datetime) -> Filed:
        case = facts.case
        where = (
            {"address_string": f"网格 {case.cell_id} / grid {case.cell_id}"}
            if facts.place is None
            else {"lat": f"{facts.place[1]:.7f}", "long": f"{facts.place[0]:.7f}"}
        )
        code = self._settings.service_codes[case.category]
        (told, *_) = self._post("requests", {"service_code": code, "description": facts.description, **where}) or [{}]
        upper_id, token = _text(told.get("service_request_id")), _text(told.get("token"))
        if upper_id is None and token is None:
            raise self._stranger("neither service_request_id nor token")
        return Filed(upper_id, token)

    def look(self, filing: Filing) -> str | None:
        if filing.token is not None:
            told = self._get(f"tokens/{quote(filing.token, safe='')}", {})
            return _text(told[0].get("service_request_id")) if told else None
        span = {
            "start_date": isoformat_z(filing.begun_at - AROUND),
            "end_date": isoformat_z(max(self._clock.now(), filing.begun_at) + AROUND),
        }
        seen: set[str] = set()
        for page in range(1, PAGES + 1):
            try:
                told = self._get("requests", {**span, "page": str(page), "page_size": str(PAGE_SIZE)})
            except NotDelivered as failure:
                if failure.status in (400, 403, 404, 405, 501):
                    raise CannotSearch(str(failure)) from failure
                raise
            new = [each for each in told if str(each.get("service_request_id")) not in seen]
            for each in new:
                if f"[{filing.case_number}]" in str(each.get("description")):
                    return _text(each.get("service_request_id"))
                seen.add(str(each.get("service_request_id")))
            if not new:  # the end, or a platform that does not page
                return None
        raise CannotSearch(f"{self._name} has more than {PAGES * PAGE_SIZE} requests of that time")

    def close(self, facts: CaseFacts, upper_id: str, now: datetime) -> None:
        case = facts.case
        note = case.close_note or "已处置 / put right"
        self._post(
            "servicerequestupdates",
            {
                "service_request_id": upper_id,
                "update_id": f"{case.number}-closed",
                "updated_datetime": isoformat_z(case.closed_at or now),
                "status": "CLOSED",
                "description": f"[{case.number}] {note}",
            },
        )

    def _post(self, what: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
        form = {**self._jurisdiction(), **fields}
        if self._api_key is not None:
            form["api_key"] = self._api_key
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        answer = self._caller.call("POST", self._url(what, {}), headers, urlencode(form).encode())
        return self._read(answer)

    def _get(self, what: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return self._read(self._caller.call("GET", self._url(what, {**self._jurisdiction(), **query}), {}, b""))

    def _read(self, answer: Answer) -> list[dict[str, Any]]:
        if not answer.is_success:
            hidden = () if self._api_key is None else (self._api_key,)
            raise failure_of(answer, self._name, self._clock.now().timestamp(), hidden)
        try:
            text = answer.body.decode("utf-8")
            return _of_json(text) if self._settings.format == "json" else _of_xml(text)
        except (ValueError, ElementTree.ParseError) as error:
            raise self._stranger(f"no {self._settings.format} of Open311") from error

    def _jurisdiction(self) -> dict[str, str]:
        return {"jurisdiction_id": self._settings.jurisdiction_id} if self._settings.jurisdiction_id else {}

    def _url(self, what: str, query: Mapping[str, str]) -> str:
        return f"{self._root}/{what}.{self._settings.format}" + (f"?{urlencode(query)}" if query else "")

    def _stranger(self, what: str) -> NotDelivered:
        return NotDelivered(
            f"{self._name} answers {what}; mend its url or format in [outbound.upper.{self._name}]", is_refusal=True
        )


def _of_json(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("not a list of objects")
    return rows


def _of_xml(text: str) -> list[dict[str, Any]]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a document type, which Open311 has not")
    root = ElementTree.fromstring(text)  # noqa: S314 (bounded, and without entities: see above)
    return [{field.tag: field.text for field in row} for row in root]


def _text(value: object) -> str | None:
    """An id as text; empty is none."""
    return None if value is None or not str(value).strip() else str(value).strip()[:256]
