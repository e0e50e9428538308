"""What goes wrong with a gateway, told apart, and what that means for the camera behind it."""

from enum import StrEnum

from core.errors import (
    FeedAuthFailed,
    FeedCorrupt,
    FeedError,
    FeedNotFound,
    FeedStalled,
    FeedTlsFailed,
    FeedUnreachable,
    PatrolError,
)
from core.ids import CameraId


class Trouble(StrEnum):
    """Kinds of failure; the values are those of ``FeedError.kind`` wherever the operator does the same for both."""

    AWAY = "unreachable"
    """The gateway does not answer."""
    SLOW = "stalled"
    """No answer within the deadline, or the gateway's own deadline for the camera has passed."""
    TLS = "tls"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    """No such device or channel."""
    OFFLINE = "offline"
    """The gateway knows the channel, and that it is not there now."""
    IDENTITY = "identity"
    """The stream is not, or does not say that it is, of the channel that was asked for."""
    REFUSED = "refused"
    """The gateway says why not in its own words."""
    CONFUSED = "confused"
    """What answers does not speak the gateway's REST."""


class GatewayError(PatrolError):
    """A gateway failed; costs the call at hand and nothing else."""

    def __init__(self, gateway: str, trouble: Trouble, message: str, waited_s: float = 0.0) -> None:
        super().__init__(f"gateway {gateway}: {message}")
        self.gateway = gateway
        self.trouble = trouble
        self.waited_s = waited_s


class GatewaySilent(FeedStalled):
    """The gateway did not bring the camera's stream in time."""

    def __init__(self, camera_id: CameraId, message: str, silent_s: float) -> None:
        FeedError.__init__(self, camera_id, message)
        self.silent_s = silent_s


def feed_fault(camera_id: CameraId, error: GatewayError) -> FeedError:
    """The camera's fault behind a gateway's."""
    text = str(error)
    match error.trouble:
        case Trouble.SLOW:
            return GatewaySilent(camera_id, text, error.waited_s)
        case Trouble.TLS:
            return FeedTlsFailed(camera_id, text)
        case Trouble.AUTH:
            return FeedAuthFailed(camera_id, text)
        case Trouble.NOT_FOUND | Trouble.IDENTITY:
            return FeedNotFound(camera_id, text)
        case Trouble.CONFUSED:
            return FeedCorrupt(camera_id, text)
        case Trouble.AWAY | Trouble.OFFLINE | Trouble.REFUSED:
            return FeedUnreachable(camera_id, text)
