"""What a call can end in; each carries the server's own words.

ClientError
├── Away          no answer, or a fault of the server: try again later
├── KeyRefused    the key is wrong, expired or lacks the right
├── NotFound      no such case
├── Conflict      something else came first: read again, then decide
├── Refused       the server understood and will never take this
└── Strange       an answer that is none of Gridpatrol's
"""


class ClientError(Exception):
    """Any of them.

    Args:
        status: of the answer; None where there was none.
        slug: the last part of the problem's ``type``, e.g. ``incident-refused``; empty where there is none.
        retry_after_s: the server's wish.
    """

    def __init__(
        self, message: str, status: int | None = None, slug: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.slug = slug
        self.retry_after_s = retry_after_s


class Away(ClientError):
    """No answer, or a fault of the server."""


class KeyRefused(ClientError):
    """The key does not open this."""


class NotFound(ClientError):
    """There is no such thing."""


class Conflict(ClientError):
    """The thing has changed since."""


class Refused(ClientError):
    """It cannot be taken as it is."""


class Strange(ClientError):
    """An answer that is none of Gridpatrol's."""
