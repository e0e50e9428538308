"""Why a way by the provider did not lead in.

PatrolError
├── ProviderAway      it does not answer, or not as the standard says
├── ProviderRefused   it, or what it sent, was not to be accepted
│   └── CodeUnknown   it did not give that code out, or not for this way
└── JourneyLost       the browser came back without what it was given
"""

from core.errors import PatrolError


class ProviderAway(PatrolError):
    """The provider does not answer, or not as the standard says; the text names the address and the mend."""


class ProviderRefused(PatrolError):
    """The provider said no, or its answer does not prove anything; the text never holds a token or a code."""


class CodeUnknown(ProviderRefused):
    """The provider did not give that code out, or not for this way: what a guess is answered with."""


class JourneyLost(PatrolError):
    """The browser did not begin here, took too long, or comes a second time."""
