"""Feeds in, pictures out: cameras, clips and folders of images become frames with their capture time.

Enters: ``FeedSpec`` (an operator's words). Leaves: ``Frame`` through a one-slot ``Mailbox``, ``CameraStatus``,
``FeedError``. Never: looks at what a picture shows, keeps a frame, lets a secret into a status, a log or an error.

    FeedSpec -> FeedRunner (supervisor thread: ladder, state, deadline)
                  -> Connection (reader thread, can be abandoned) -> Source (PyAV, folder, scripted)
                       -> capture time -> Mailbox (drop-oldest, counted)
"""
