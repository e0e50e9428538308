"""``If-Match``: which version of a rule a change was made from."""

from typing import Annotated

from fastapi import Header

from api.problems import FieldRefused, PreconditionMissing

IfMatch = Annotated[
    str | None, Header(description='the ETag that was read, e.g. "12"; * for whatever stands there now', max_length=100)
]


def expected_revision(if_match: str | None) -> int | None:
    """The revision that the caller looked at; None where any will do.

    Raises:
        FieldRefused: it is no ETag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise FieldRefused('If-Match is not an ETag of ours; send the one that was read, e.g. "12", or *')
    return int(text)


def needed_revision(if_match: str | None) -> int | None:
    """
    Raises:
        PreconditionMissing: there is none, so somebody else's change could be lost unseen.
        FieldRefused: it is no ETag of ours.
    """
    if if_match is None:
        raise PreconditionMissing('send If-Match with the ETag that was read, e.g. "12"; * changes whatever is there')
    return expected_revision(if_match)
