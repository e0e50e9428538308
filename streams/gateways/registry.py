"""Every named gateway of this process; opens cameras behind them, and all others as before."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from core.errors import ConfigError
from streams.gateways.source import PlayBook, WvpSource
from streams.gateways.spec import GatewaySpec
from streams.gateways.wvp import WvpClient
from streams.gb_codes import WVP_SCHEME, ChannelAddress
from streams.opening import source_of
from streams.sources import Source
from streams.spec import FeedSpec


@dataclass(frozen=True, slots=True)
class GatewayCounters:
    """What one gateway was asked for since this process began."""

    plays: int
    stops: int
    failed_stops: int


class Gateways:
    """Shared by all cameras of a process: one client, one token and one row of turns for each gateway.

    Args:
        specs: the ``[gateways.NAME]`` sections.
        make_source: what opens a feed that is behind no gateway, and the stream that a gateway plays.
    """

    def __init__(self, specs: Mapping[str, GatewaySpec], make_source: Callable[[FeedSpec], Source] = source_of) -> None:
        self._specs = dict(specs)
        self._make_source = make_source
        self._lock = threading.Lock()
        self._books: dict[str, tuple[WvpClient, PlayBook]] = {}

    def source_of(self, spec: FeedSpec) -> Source:
        """The source for one connection; nothing is opened yet. An unknown gateway is told when it is opened."""
        if spec.scheme != WVP_SCHEME:
            return self._make_source(spec)
        name = ChannelAddress.of(spec.url).gateway
        if name not in self._specs:
            return source_of(spec)
        client, book = self._gateway(name)
        return WvpSource(spec, client, book, self._make_source)

    def client(self, name: str) -> WvpClient:
        """
        Raises:
            ConfigError: no section has that name.
        """
        if name not in self._specs:
            known = ", ".join(sorted(self._specs)) or "none"
            raise ConfigError(f"there is no gateway {name!r} (known: {known}); mend: add a [gateways.{name}] section")
        return self._gateway(name)[0]

    def counters(self) -> Mapping[str, GatewayCounters]:
        """By gateway; those that were used."""
        with self._lock:
            books = {name: book for name, (_, book) in self._books.items()}
        return {name: GatewayCounters(book.plays, book.stops, book.failed_stops) for name, book in books.items()}

    def counted(self, name: str) -> Mapping[str, int]:
        """One gateway's counters by name; all 0 before it was asked for anything."""
        return asdict(self.counters().get(name, GatewayCounters(0, 0, 0)))

    def _gateway(self, name: str) -> tuple[WvpClient, PlayBook]:
        with self._lock:
            if name not in self._books:
                client = WvpClient(name, self._specs[name])
                self._books[name] = (client, PlayBook(client))
            return self._books[name]
