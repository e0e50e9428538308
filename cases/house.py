"""The case room's stores over one database, opened together."""

from dataclasses import dataclass
from functools import partial

from cases.access.house import AccessHouse
from cases.access.second_factor import SecretSealer
from cases.catalogue.store import CatalogueStore
from cases.keeping.store import KeepingStore
from cases.outbound.house import OutboundHouse
from cases.overview.store import OverviewStore
from cases.places.store import PlaceStore
from cases.policy.house import PolicyHouse
from cases.requests.store import RequestStore, expire_contacts
from cases.store import CaseStore
from cases.wall.store import WallStore
from cases.workflow.forgetting import forget_command_names
from cases.workflow.store import WorkflowStore
from cases.worktime.store import CalendarStore


@dataclass(frozen=True, slots=True)
class CaseHouse:
    """What the routes and the commands reach of the case room. Threads may share one."""

    cases: CaseStore
    access: AccessHouse
    keeping: KeepingStore
    policy: PolicyHouse
    outbound: OutboundHouse
    catalogue: CatalogueStore
    places: PlaceStore
    calendars: CalendarStore
    workflow: WorkflowStore
    requests: RequestStore
    wall: WallStore
    overview: OverviewStore

    @classmethod
    def over(
        cls, cases: CaseStore, access: AccessHouse | None = None, sealer: SecretSealer | None = None
    ) -> "CaseHouse":
        """The stores beside a case store, over the same database.

        Args:
            access: None: one that cannot unseal second factors.
            sealer: seals who asked for something; None: that is not kept.
        """
        forget = partial(forget_command_names, days=cases.rules.command_names_days)
        return cls(
            cases,
            access or AccessHouse.over(cases.engine),
            KeepingStore(cases.engine, expiring=(expire_contacts, forget)),
            PolicyHouse.over(cases.engine, cases.policy),
            OutboundHouse.over(cases.engine),
            catalogue=CatalogueStore(cases.engine),
            places=PlaceStore(cases.engine),
            calendars=CalendarStore(cases.engine),
            workflow=WorkflowStore(cases.engine, cases.rules.verify_by_rule),
            requests=RequestStore(cases.engine, cases.rules, sealer),
            wall=WallStore(cases.engine),
            overview=OverviewStore(cases.engine),
        )
