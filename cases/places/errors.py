"""What can be wrong with places.

CaseError
├── PlaceRefused    a place or an assignment that cannot be; the text names line or feature and the mend
├── PlaceUnknown    no place, or no assignment, of that name
└── PlaceMovedOn    somebody changed it since it was looked at
"""

from core.errors import CaseError


class PlaceRefused(CaseError):
    """A place, an assignment or a file of them that cannot be."""


class PlaceUnknown(CaseError):
    """No such place, or no such assignment."""


class PlaceMovedOn(CaseError):
    """Changed by somebody else since it was looked at."""
