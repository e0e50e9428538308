"""What can be wrong with a request.

CaseError
├── RequestUnknown     no request of that id
├── ServiceUnknown     no such category in the catalogue
├── RequestUnfit       its place, words or pictures cannot be taken
└── TooManyRequests    the key has filed its share of this hour
"""

from core.errors import CaseError


class RequestUnknown(CaseError):
    """No request of that id, or not one that the asker may see."""


class ServiceUnknown(CaseError):
    """The catalogue in force has no such category."""


class RequestUnfit(CaseError):
    """A request whose place, words or pictures cannot be taken."""


class TooManyRequests(CaseError):
    """The key has filed its share of this hour."""
