"""The case room's stores over one database, opened together."""

from dataclasses import dataclass

from cases.store import CaseStore


@dataclass(frozen=True, slots=True)
class CaseHouse:
    """What the routes and the commands reach of the case room. Threads may share one."""

    cases: CaseStore

    @classmethod
    def over(cls, cases: CaseStore) -> "CaseHouse":
        """The stores beside a case store, over the same database."""
        return cls(cases)
