"""A small map server for tests: real pictures over HTTP, drawn in a datum of its own, with discs at known places."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from core.geometry import Point
from grid.datum import Datum, to_datum
from grid.web_mercator import to_mercator

HALF_WORLD_M = 20_037_508.342789244
SIDE_PX = 256
GROUND_BGR, DISC_BGR = (225, 228, 230), (0, 170, 0)


@dataclass
class TileServer:
    """What it shows, and what it was asked for."""

    datum: Datum
    discs: Sequence[Point]
    """WGS-84 lon/lat; the server draws them where its own datum shows them."""
    radius_m: float
    """On the ground."""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""
    is_broken: bool = False
    """Answers 404 to everything."""

    @property
    def template(self) -> str:
        return f"http://127.0.0.1:{self.port}/tiles/{{z}}/{{x}}/{{y}}.png"

    def tile(self, zoom: int, column: int, row: int) -> bytes:
        """One picture, PNG."""
        side_m = 2 * HALF_WORLD_M / 2**zoom
        west, north = column * side_m - HALF_WORLD_M, HALF_WORLD_M - row * side_m
        picture = np.full((SIDE_PX, SIDE_PX, 3), GROUND_BGR, dtype=np.uint8)
        for disc in self.discs:
            at = to_mercator(to_datum(disc, self.datum))
            edge = to_mercator(to_datum(Point(disc.x, disc.y + self.radius_m / 111_000), self.datum))
            middle = ((at.x - west) / side_m * SIDE_PX, (north - at.y) / side_m * SIDE_PX)
            radius = max(1.0, (edge.y - at.y) / side_m * SIDE_PX)
            if all(-radius < each < SIDE_PX + radius for each in middle):
                centre = (round(middle[0] * 16), round(middle[1] * 16))
                cv2.circle(picture, centre, round(radius * 16), DISC_BGR, -1, cv2.LINE_AA, shift=4)
        return cv2.imencode(".png", picture)[1].tobytes()


@contextmanager
def tile_server(datum: Datum, discs: Sequence[Point], radius_m: float) -> Iterator[TileServer]:
    """It serves until the block ends."""
    served = TileServer(datum, discs, radius_m)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            if served.is_broken:
                self.send_error(404)
                return
            zoom, column, row = (int(part) for part in self.path.removesuffix(".png").split("/")[-3:])
            body = served.tile(zoom, column, row)
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Its requests are in ``asked``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, name="tiles")
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
