"""A camera behind a gateway: played on demand, then read like any other live feed."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.errors import FeedError
from streams.address import split_address
from streams.gateways.answers import PlayedStream
from streams.gateways.calls import Deadline, slow
from streams.gateways.faults import GatewayError, Trouble, feed_fault
from streams.gateways.wvp import WvpClient
from streams.gb_codes import ChannelAddress
from streams.sources import Candidate, FeedFacts, PassEnd, Source
from streams.spec import FeedSpec

log = logging.getLogger(__name__)

_CODE = re.compile(r"(?<!\d)\d{20}(?!\d)")


class PlayBook:
    """Who holds which channel of one gateway, so that the last one to close hangs up and nobody else does.

    A reader that was left behind closes late, when its camera plays again already: it must not stop that.
    """

    def __init__(self, client: WvpClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._channels: dict[ChannelAddress, _Played] = {}
        self.plays = 0
        self.stops = 0
        self.failed_stops = 0

    def play(self, address: ChannelAddress, deadline: Deadline) -> PlayedStream:
        """Play and hold; ``release`` what was played.

        Raises:
            GatewayError: nothing is held then.
        """
        channel = self._channel(address)
        if not channel.lock.acquire(timeout=deadline.left_s):
            raise slow(self._client.name, f"{address.channel} is still being started or stopped", deadline.waited_s)
        try:
            played = self._client.play(address.device, address.channel, deadline)
            channel.holders += 1
            with self._lock:
                self.plays += 1
            return played
        finally:
            channel.lock.release()

    def release(self, address: ChannelAddress) -> None:
        """Let go; the last one hangs up. A stop that fails is counted: the gateway ends unwatched streams itself."""
        channel = self._channel(address)
        with channel.lock:
            channel.holders -= 1
            if channel.holders or not self._client.spec.stop_on_close:
                return
            try:
                self._client.stop(address.device, address.channel)
            except GatewayError as error:
                with self._lock:
                    self.failed_stops += 1
                log.debug("%s: not stopped: %s", address.url, error)
            else:
                with self._lock:
                    self.stops += 1

    def _channel(self, address: ChannelAddress) -> "_Played":
        with self._lock:
            return self._channels.setdefault(address, _Played())


class _Played:
    """One channel's lock and its holders."""

    __slots__ = ("holders", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders = 0


class WvpSource:
    """One play of one channel: asks, checks whose stream it is, reads it, lets go.

    Args:
        make_source: what reads the stream's own address.
    """

    def __init__(
        self, spec: FeedSpec, client: WvpClient, book: PlayBook, make_source: Callable[[FeedSpec], Source]
    ) -> None:
        self._spec = spec
        self._client = client
        self._book = book
        self._make_source = make_source
        self._address = ChannelAddress.of(spec.url)
        self._is_held = False
        self._inner: Source | None = None

    def open(self) -> FeedFacts:
        """All of the gateway's answers together get the camera's ``timeout_s``; then the stream gets its own."""
        fault: FeedError | None = None
        try:
            url = self._play()
        except GatewayError as error:
            fault = feed_fault(self._spec.id, error)
        if fault is not None:
            raise fault
        self._inner = self._make_source(stream_spec(self._spec, url))
        return self._inner.open()

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        assert self._inner is not None  # noqa: S101 (open comes first)
        return self._inner.candidates(alive)

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()
            self._inner = None
        if self._is_held:
            self._is_held = False
            self._book.release(self._address)

    def _play(self) -> str:
        deadline = Deadline(min(self._client.spec.timeout_s, self._spec.timeout_s))
        row = self._client.channel(self._address.device, self._address.channel, deadline)
        if not row.is_online and self._client.spec.trust_status:
            raise GatewayError(
                self._client.name,
                Trouble.OFFLINE,
                f"channel {row.code} is offline there; mend: check the camera and its registration "
                "(trust_status = false plays it nevertheless)",
            )
        played = self._book.play(self._address, deadline)
        self._is_held = True
        return address_of(self._address, played, self._client)


def address_of(asked: ChannelAddress, played: PlayedStream, client: WvpClient) -> str:
    """Where the played stream is, once it is certain whose it is; never to be logged.

    Raises:
        GatewayError: it is another channel's, does not say whose, or has no address that can be read.
    """
    url = played.addresses.get(client.spec.transport) or next(iter(played.addresses.values()), None)
    if url is None:
        raise GatewayError(
            client.name,
            Trouble.CONFUSED,
            f"plays {asked.channel} without an RTSP or FLV address; mend: enable RTSP on its media server",
        )
    _require_identity(asked, played, url, client)
    media_host = client.spec.media_host
    if media_host is None:
        return url
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user_info, at_sign, _ = authority.rpartition("@")
    port = urlsplit(url).port
    host = f"[{media_host}]" if ":" in media_host else media_host
    return f"{scheme}://{user_info}{at_sign}{host}{f':{port}' if port else ''}{slash}{path}"


def stream_spec(spec: FeedSpec, url: str) -> FeedSpec:
    """The camera's spec with the stream's own address; its whole query is secret, for media servers sign there.

    Raises:
        FeedError: the address cannot be understood; the text does not repeat it.
    """
    fault: FeedError | None = None
    try:
        split = split_address(url)
        before, _, query = split.url.partition("?")
        secret = "&".join(part for part in (query, split.secret_query) if part)
    except ValueError:
        error = GatewayError(
            ChannelAddress.of(spec.url).gateway,
            Trouble.CONFUSED,
            "answers a stream address that cannot be understood; mend: check its media server's ip and ports",
        )
        fault = feed_fault(spec.id, error)
    if fault is not None:
        raise fault
    return spec.model_copy(
        update={
            "url": before,
            "username": split.username,
            "password": None if split.password is None else SecretStr(split.password),
            "secret_query": SecretStr(secret) if secret else None,
        }
    )


def _require_identity(asked: ChannelAddress, played: PlayedStream, url: str, client: WvpClient) -> None:
    """The stream's name, the ids beside it and the address must all be the asked channel's."""
    found = [
        (played.device, asked.device),
        (played.channel, asked.channel),
        *_pairs(_CODE.findall(played.stream), asked),
        *_pairs(_CODE.findall(urlsplit(url).path), asked),
    ]
    told = [(is_said, is_asked) for is_said, is_asked in found if is_said is not None]
    for is_said, is_asked in told:
        if is_said != is_asked:
            shown = is_said if _CODE.fullmatch(is_said) else "something else"
            raise GatewayError(
                client.name,
                Trouble.IDENTITY,
                f"was asked for {asked.channel} of {asked.device} and plays {shown}; no picture is taken from it; "
                "mend: sync the device, check that its channels' codes differ",
            )
    has_name = asked.channel in played.stream or played.channel is not None
    if not has_name and client.spec.check_identity:
        raise GatewayError(
            client.name,
            Trouble.IDENTITY,
            f"plays {asked.channel} without saying whose stream it is; mend: set its media server to several ports "
            "(rtp.enable), or check_identity = false here",
        )
    if played.stream not in urlsplit(url).path:
        raise GatewayError(
            client.name,
            Trouble.IDENTITY,
            f"plays {asked.channel} with the address of another stream; mend: restart its media server",
        )


def _pairs(codes: list[str], asked: ChannelAddress) -> list[tuple[str, str]]:
    """The first two codes in a stream's name are device and channel; a single one is the channel."""
    if len(codes) == 1:
        return [(codes[0], asked.channel)]
    return list(zip(codes, (asked.device, asked.channel), strict=False))
