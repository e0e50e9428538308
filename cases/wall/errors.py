"""What can be wrong with a tour."""

from core.errors import CaseError


class TourRefused(CaseError):
    """The tour cannot be so."""


class TourUnknown(CaseError):
    """The person has no tour of that name."""
