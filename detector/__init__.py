"""From a picture to what stands in it.

Enters: a read-only BGR picture in source pixels. Leaves: ``Detection``s in source pixels, and JPEG evidence.
Never: a feed, a grid cell, a decision about a case.
"""
