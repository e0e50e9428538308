"""An upper platform that takes JSON as a mapping file says."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.outbound.calls import Caller, failure_of, shown
from cases.outbound.errors import NotDelivered
from cases.outbound.facts import CaseFacts, Fact
from cases.outbound.filings import Filing
from cases.outbound.mapping import Call, MappingFile, at, filled, filled_url
from cases.outbound.upper_courier import CannotSearch, Filed
from core.clock import Clock


class JsonPlatform:
    """
    Args:
        secrets: values by the names that the mapping file gives them.
    """

    def __init__(
        self, name: str, mapping: MappingFile, secrets: Mapping[str, str], caller: Caller, clock: Clock
    ) -> None:
        self._name = name
        self._mapping = mapping
        self._secrets = secrets
        self._caller = caller
        self._clock = clock

    def file(self, facts: CaseFacts, now: datetime) -> Filed:
        told = self._call(self._mapping.file, facts.named(), None)
        upper_id = _id_at(told, self._mapping.file.id)
        if upper_id is None:
            raise self._stranger(f"nothing at {self._mapping.file.id}, where its id should stand")
        return Filed(upper_id)

    def look(self, filing: Filing) -> str | None:
        lookup = self._mapping.lookup
        if lookup is None:
            raise CannotSearch(f"{self._name} has no [lookup]")
        try:
            told = self._call(lookup, {"number": filing.case_number, "id": filing.case_id}, None)
        except NotDelivered as failure:
            if failure.status == 404:
                return None
            raise
        return _id_at(told, lookup.id)

    def close(self, facts: CaseFacts, upper_id: str, now: datetime) -> None:
        if self._mapping.close is not None:
            self._call(self._mapping.close, facts.named(), upper_id)

    def _call(self, call: Call, facts: Mapping[str, Fact], upper_id: str | None) -> Any:
        codes_for = {fact: facts.get(fact) for fact in self._mapping.codes}
        names = self._mapping.names({**codes_for, **facts}, self._secrets, upper_id)
        headers = {name.lower(): str(filled(value, names)) for name, value in self._mapping.headers.items()}
        body = b""
        if call.body is not None:
            body = json.dumps(filled(call.body, names), ensure_ascii=False).encode()
            headers.setdefault("content-type", "application/json; charset=utf-8")
        answer = self._caller.call(call.method, filled_url(call.url, names), headers, body)
        if not answer.is_success:
            raise failure_of(answer, self._name, self._clock.now().timestamp(), tuple(self._secrets.values()))
        if call.ok is None and call.id is None:
            return None
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            raise self._stranger("no JSON") from error
        if call.ok is not None and at(told, call.ok.path) != call.ok.equals:
            said = shown(json.dumps(told, ensure_ascii=False), tuple(self._secrets.values()))
            raise NotDelivered(
                f"{self._name} answers that it did not work ({said}); mend the mapping file or the platform",
                status=400,
                is_refusal=True,
            )
        return told

    def _stranger(self, what: str) -> NotDelivered:
        return NotDelivered(f"{self._name} answers {what}; mend its mapping file", is_refusal=True)


def _id_at(told: Any, path: str | None) -> str | None:
    found = None if path is None else at(told, path)
    return None if found is None or isinstance(found, (dict, list)) or str(found) == "" else str(found)[:256]
