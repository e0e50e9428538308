"""What can be wrong with a calendar.

CaseError
├── CalendarRefused    it cannot be, or has no working time where some is needed
├── CalendarUnknown    no calendar, or no version of it, has that name
└── CalendarMovedOn    somebody changed it since it was looked at
"""

from core.errors import CaseError


class CalendarRefused(CaseError):
    """A calendar that cannot be; the text names the field and the mend."""


class CalendarUnknown(CaseError):
    """No such calendar, or no such version of it."""


class CalendarMovedOn(CaseError):
    """Changed by somebody else since it was looked at."""
