"""What can be wrong with a catalogue.

CaseError
├── CatalogueRefused    a file that cannot be one; the text names line, field and mend
├── CatalogueUnknown    no version of that number
└── CatalogueMovedOn    somebody imported another one since
"""

from core.errors import CaseError


class CatalogueRefused(CaseError):
    """A catalogue that cannot be."""


class CatalogueUnknown(CaseError):
    """No such version."""


class CatalogueMovedOn(CaseError):
    """Another version came into force since it was looked at."""
