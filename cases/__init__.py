"""A case's life: reports come in, one open case per cell and category stands, every step is kept.

Enters: incident reports, commands of people, camera states, pictures. Leaves: cases, their events, receipts.
Never: pixels, a clock of its own, HTTP.
"""
