"""One tree of errors: each names the thing that is wrong and how to mend it.

PatrolError
├── ConfigError
├── FeedError (camera_id)
│   ├── FeedUnreachable   host or port does not answer, or refuses
│   ├── FeedStalled       answered, then said nothing for silent_s
│   ├── FeedAuthFailed    user name or password refused
│   ├── FeedNotFound      no such path, file or stream
│   ├── FeedTlsFailed     the certificate or handshake was refused
│   ├── FeedCodecUnsupported
│   ├── FeedCorrupt       pictures cannot be decoded
│   └── FeedEnded         a live feed that ended, or a file played to its end
├── ModelError            weights, manifest, runtime
├── GridError             polygons, codes, calibration
├── CaseError             a case that does not exist or cannot take the command
├── EvidenceError         a picture that is missing or does not match its hash
└── DeliveryError         the API is away or refused what the outbox holds
"""

from core.ids import CameraId


class PatrolError(Exception):
    """Anything Gridpatrol can explain; its text names the thing and the mend."""


class ConfigError(PatrolError):
    """A setting is wrong; the text carries the key's path and the nearest known name."""


class FeedError(PatrolError):
    """A camera's feed failed; costs that camera its slot and nothing else."""

    kind = "error"

    def __init__(self, camera_id: CameraId, message: str) -> None:
        super().__init__(f"{camera_id}: {message}")
        self.camera_id = camera_id


class FeedUnreachable(FeedError):
    """Host or port does not answer, or refuses."""

    kind = "unreachable"


class FeedStalled(FeedError):
    """The camera answered, then said nothing."""

    kind = "stalled"

    def __init__(self, camera_id: CameraId, silent_s: float) -> None:
        super().__init__(camera_id, f"no picture for {silent_s:.1f} s; check the camera's encoder and the network")
        self.silent_s = silent_s


class FeedAuthFailed(FeedError):
    """User name or password refused."""

    kind = "auth"


class FeedNotFound(FeedError):
    """No such path, file or stream."""

    kind = "not_found"


class FeedTlsFailed(FeedError):
    """Certificate or handshake refused."""

    kind = "tls"


class FeedCodecUnsupported(FeedError):
    """No video, or a codec this build cannot decode."""

    kind = "codec"


class FeedCorrupt(FeedError):
    """Bytes arrive, pictures do not."""

    kind = "corrupt"


class FeedEnded(FeedError):
    """A live feed that ended (a fault) or a file played once to its end."""

    kind = "ended"


class ModelError(PatrolError):
    """Weights, manifest or runtime are not what they should be."""


class GridError(PatrolError):
    """A polygon, a code or a calibration is not usable; the text names the feature."""


class CaseError(PatrolError):
    """A case that cannot take the command."""


class CaseNotFound(CaseError):
    """No case with that id."""


class CaseConflict(CaseError):
    """The case's state has moved on."""


class IncidentRefused(CaseError):
    """An incident that cannot be taken in: unknown camera, time in the future, bad field."""


class EvidenceError(PatrolError):
    """A picture is missing or does not match its hash."""


class DeliveryError(PatrolError):
    """The API is away, or refused what the outbox holds."""
