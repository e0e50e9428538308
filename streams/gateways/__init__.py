"""Cameras behind a GB/T 28181 gateway: catalogue in, streams played on demand.

Enters: ``GatewaySpec`` (an operator's words) and a ``wvp://gateway/device/channel`` feed. Leaves: an ordinary
``Source`` over the stream the gateway plays, ``DeviceRow``/``ChannelRow``, ``Reconciliation``, ``GatewayError``.
Never: speaks SIP itself, plays a stream whose identity does not fit, lets a password, token or key into a text.

    wvp:// FeedSpec -> Gateways.source_of -> WvpSource
                         -> WvpClient (login, status, play, stop; every call has a deadline) -> address
                         -> VideoSource (the same reader as for any other live feed)
"""
