"""Is a camera's picture fit to be looked at: pictures in, findings out.

In come pictures in little and the time; out come findings (lost, black, over-exposed, frozen, covered, blurred, moved)
with their measure, and whether this picture may be looked at. Nothing here knows of cases, cells or networks.
"""
