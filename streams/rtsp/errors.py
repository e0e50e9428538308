"""What can go wrong below a feed; ``streams.faults`` turns it into the operator's words."""


class RtspUnreadable(OSError):
    """Bytes came that are no RTSP, or an answer that cannot be understood."""

    def __init__(self, what: str) -> None:
        super().__init__(0, what)


class RtspRefused(Exception):
    """The server answered, and said no."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class RtspUnsuited(Exception):
    """A stream that this reader does not read and FFmpeg may."""
