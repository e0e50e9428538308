"""Open311 GeoReport v2: the case room as civic software speaks to it, in XML and JSON, under ``/open311/v2/``.

In: reports of citizens' portals, with a key. Out: what can be reported, and how far each report has come. It only
writes XML and never reads any; it never calls an address that somebody sent.
"""
