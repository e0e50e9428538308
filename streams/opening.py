"""Which source a spec asks for."""

from core.errors import FeedNotFound
from streams.folder import FolderSource
from streams.gb_codes import WVP_SCHEME
from streams.sources import Source
from streams.spec import FeedSpec
from streams.video import VideoSource


def source_of(spec: FeedSpec) -> Source:
    """The source for one connection; nothing is opened yet.

    Raises:
        FeedNotFound: a camera behind a gateway that this process does not know, see ``gateways.registry``.
    """
    if spec.scheme == WVP_SCHEME:
        raise FeedNotFound(spec.id, f"{spec.address} names a gateway that is not known; add its [gateways] section")
    return FolderSource(spec) if spec.source_kind == "folder" else VideoSource(spec)
