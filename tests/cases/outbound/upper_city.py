"""An upper platform on a real socket: Open311 in XML or JSON, or plain JSON; fails and forgets as it is told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.cases.outbound.receiver import Got, Say

Trouble = Callable[[Got], "Say | str | None"]


@dataclass
class UpperCity:
    """Keeps what was filed; give ``answer`` to a receiver as its behaviour."""

    form: str = "xml"
    gives_tokens: bool = False
    can_list: bool = True
    requests: dict[str, dict[str, str]] = field(default_factory=dict)
    """Their id -> the form fields."""
    updates: list[dict[str, str]] = field(default_factory=list)
    tokens_ready: bool = False
    trouble_before: Trouble = lambda _got: None
    """An answer in place of doing what was asked."""
    trouble_after: Trouble = lambda _got: None
    """An answer after it was done: the caller does not learn of it."""

    def answer(self, got: Got) -> "Say | str":
        instead = self.trouble_before(got)
        if instead is not None:
            return instead
        path = urlsplit(got.path).path
        fields = {name: values[-1] for name, values in parse_qs(got.body.decode()).items()}
        said = self._said(got, path, fields)
        return self.trouble_after(got) or said

    def _said(self, got: Got, path: str, fields: dict[str, str]) -> Say:
        if path == f"/v2/requests.{self.form}" and got.method == "POST":
            if fields.get("api_key") != "upper-key":
                return self._rows([{"code": "403", "description": "key"}], 403)
            identity = f"{len(self.requests) + 1}-26"
            self.requests[identity] = fields
            return self._rows([{"token": f"t-{identity}"} if self.gives_tokens else {"service_request_id": identity}])
        if path == f"/v2/requests.{self.form}":
            if not self.can_list:
                return self._rows([{"code": "404", "description": "no such thing"}], 404)
            return self._rows(
                [
                    {"service_request_id": identity, "description": kept["description"]}
                    for identity, kept in self.requests.items()
                ]
            )
        if path.startswith("/v2/tokens/"):
            identity = path.removeprefix("/v2/tokens/t-").removesuffix(f".{self.form}")
            told = {"token": f"t-{identity}"} | ({"service_request_id": identity} if self.tokens_ready else {})
            return self._rows([told])
        if path == f"/v2/servicerequestupdates.{self.form}":
            self.updates.append(fields)
            return self._rows([{"update_id": fields["update_id"]}])
        return Say(404)

    def _rows(self, rows: list[dict[str, str]], status: int = 200) -> Say:
        if self.form == "json":
            return Say(status, json.dumps(rows).encode())
        inside = "".join(
            "<request>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in row.items()) + "</request>"
            for row in rows
        )
        return Say(status, f'<?xml version="1.0" encoding="utf-8"?><requests>{inside}</requests>'.encode())
