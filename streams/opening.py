"""Which source a spec asks for."""

from core.errors import FeedNotFound
from streams.folder import FolderSource
from streams.gb_codes import WVP_SCHEME
from streams.rtsp.source import RtspSource
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
    if spec.source_kind == "folder":
        return FolderSource(spec)
    is_ours = spec.scheme in ("rtsp", "rtsps") and spec.transport == "tcp" and not spec.full_decode
    return RtspSource(spec, VideoSource) if is_ours and spec.reader == "auto" else VideoSource(spec)
