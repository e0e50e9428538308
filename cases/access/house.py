"""Everything of the access room over one database."""

from dataclasses import dataclass

from sqlalchemy import Engine

from cases.access.audit_log import AuditLog
from cases.access.credentials import CredentialStore
from cases.access.lockout import LockRules
from cases.access.looks import LookLog
from cases.access.people import PeopleStore
from cases.access.pictures import PictureSeals
from cases.access.second_factor import SecretSealer
from cases.access.sessions import SessionStore
from cases.access.sign_in import Door
from cases.access.single_sign_on import SingleSignOn


@dataclass(frozen=True, slots=True)
class AccessHouse:
    """What the routes and the commands reach of it. Threads may share one."""

    people: PeopleStore
    credentials: CredentialStore
    sessions: SessionStore
    door: Door
    log: AuditLog
    pictures: PictureSeals
    looks: LookLog
    single_sign_on: SingleSignOn

    @classmethod
    def over(
        cls,
        engine: Engine,
        sealer: SecretSealer | None = None,
        idle_s: float | None = None,
        rules: LockRules | None = None,
    ) -> "AccessHouse":
        """
        Args:
            sealer: seals the second factors' secrets; None: nobody can set one up, or come in with one.
            idle_s: a session that was not used for so long ends; None: only its own end counts.
        """
        sessions = SessionStore(engine, idle_s)
        return cls(
            PeopleStore(engine),
            CredentialStore(engine, sealer, rules),
            sessions,
            Door(engine, sessions, sealer, rules),
            AuditLog(engine),
            PictureSeals(engine),
            LookLog(engine),
            SingleSignOn(engine, sessions),
        )
