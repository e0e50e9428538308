"""Which source a spec asks for."""

from streams.folder import FolderSource
from streams.sources import Source
from streams.spec import FeedSpec
from streams.video import VideoSource


def source_of(spec: FeedSpec) -> Source:
    """The source for one connection; nothing is opened yet."""
    return FolderSource(spec) if spec.source_kind == "folder" else VideoSource(spec)
