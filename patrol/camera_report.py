"""What a worker tells of its cameras, cut into bodies that the API takes. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

LARGEST_BODY = 768 * 1024
"""Bytes of cameras in one body; the API takes a mebibyte, and the worker's notices go with each."""


def report_bodies(
    worker_id: str,
    cameras: Sequence[Mapping[str, object]],
    notices: Sequence[str] = (),
    largest: int = LARGEST_BODY,
    masking: Mapping[str, int] | None = None,
) -> Iterator[bytes]:
    """One body, or several that meet: each is about a range of ids and says so, in the order of code points.

    Each part is whole in itself: the API takes away what a part does not name within its range, and nothing else.
    """
    told = sorted((str(camera["camera_id"]), compact(camera)) for camera in cameras)
    after: str | None = None
    begin = 0
    while True:
        end, size = begin, 0
        while end < len(told) and (end == begin or size + len(told[end][1]) <= largest):
            size += len(told[end][1]) + 1
            end += 1
        up_to = None if end >= len(told) else told[end - 1][0]
        head: dict[str, object] = {"worker_id": worker_id, "notices": list(notices)}
        if masking:
            head["masking"] = dict(masking)
        if after is not None or up_to is not None:
            head["part"] = {"after": after, "up_to": up_to}
        yield compact(head)[:-1] + b',"cameras":[' + b",".join(body for _, body in told[begin:end]) + b"]}"
        if up_to is None:
            return
        after, begin = up_to, end


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
