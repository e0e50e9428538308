"""What policy says no to.

CaseError
├── PolicyRefused        a rule that cannot be; the text names it and the mend
│   └── HoursRefused     hours or a season that no calendar has (in ``hours``)
├── RuleUnknown          no rule with that id stands
├── RuleTaken            a permit's number, or the place of a rule, is in use
├── RuleMovedOn          it was changed since it was looked at
└── ReportSuppressed     a report made no case: policy turned it away, and kept the decision
"""

from core.errors import CaseError


def is_storable(text: str) -> bool:
    """Whether both engines can keep a text: PostgreSQL knows no NUL, and neither a lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


class PolicyRefused(CaseError):
    """A rule that cannot be."""


class RuleUnknown(CaseError):
    """No rule with that id stands."""


class RuleTaken(CaseError):
    """Another rule has that number already."""


class RuleMovedOn(CaseError):
    """The rule was changed since it was looked at."""


class ReportSuppressed(CaseError):
    """A report that policy turned away: there is no case."""
