"""RTSP over TCP, read in large pieces: what a city's cameras mostly speak, at a fraction of a general reader's cost.

Enters: a ``FeedSpec`` with an ``rtsp(s)`` address. Leaves: candidates, as any source gives them.
Never: a picture that is not a key frame (``full_decode`` and every codec but H.264 and H.265 are ``VideoSource``'s).

FFmpeg asks the system about six times for each RTP packet (wait and read, for a byte, a head and a body), which is
hundreds of thousands of calls a second for a hundred cameras. Here a thread reads what has come in a tenth of a second
at once, steps over packets by their length, and puts together only the access units that a picture can be made from.
"""
