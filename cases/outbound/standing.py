"""Whether a case is one that an upper platform is told of; candidates are heard of by webhooks only."""

from cases.case import Case
from cases.life import Stage
from cases.sources import Source


def is_to_be_filed(case: Case) -> bool:
    """A person or a rule has registered it, it is not void, and it did not come from an upper platform itself."""
    life = case.life
    return life.registered_at is not None and life.stage is not Stage.VOID and life.source is not Source.UPPER
