"""The outbound stores over one database, opened together."""

from dataclasses import dataclass

from sqlalchemy import Engine

from cases.outbound.endpoint_store import EndpointStore
from cases.outbound.filings import FilingStore
from cases.outbound.line_store import LineStore


@dataclass(frozen=True, slots=True)
class OutboundHouse:
    """What the routes and the commands reach of this part. Threads may share one."""

    endpoints: EndpointStore
    lines: LineStore
    filings: FilingStore

    @classmethod
    def over(cls, engine: Engine) -> "OutboundHouse":
        return cls(EndpointStore(engine), LineStore(engine), FilingStore(engine))
