"""Where a vehicle is: NMEA 0183, GPX and JSON-lines, from a file or a live feed, as ``core.positions.Fix``.

Enters: ``PositionSpec``. Leaves: fixes through a bounded ``PositionTrack``, ``PositionStatus``, ``FeedError``.

    PositionSpec -> PositionFeed (one thread) -> lines of a file or an HTTP answer -> LineReader -> PositionTrack
"""
