"""Policy's stores over one database, opened together."""

from dataclasses import dataclass

from sqlalchemy import Engine

from cases.policy.deciding import Policy
from cases.policy.decisions import DecisionStore
from cases.policy.permit_store import PermitStore
from cases.policy.profile_store import ProfileStore
from cases.policy.reviews import ReviewStore
from cases.policy.suppression_store import SuppressionStore


@dataclass(frozen=True, slots=True)
class PolicyHouse:
    """What the routes and the commands reach of policy. Threads may share one."""

    engine: Engine
    policy: Policy
    """The same that the case store asks, with its rules in memory."""
    permits: PermitStore
    suppressions: SuppressionStore
    profiles: ProfileStore
    decisions: DecisionStore
    reviews: ReviewStore

    @classmethod
    def over(cls, engine: Engine, policy: Policy) -> "PolicyHouse":
        return cls(
            engine,
            policy,
            PermitStore(engine),
            SuppressionStore(engine),
            ProfileStore(engine),
            DecisionStore(engine),
            ReviewStore(engine),
        )
