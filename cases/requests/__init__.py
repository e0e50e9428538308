"""Requests of citizens and of the hotline's seats: what was asked, where, by whom, and the case that answers it.

In: a category, a place and words. Out: a request with an id of its own, on the one open case of its cell and category.
What identifies the person who asked is sealed, never part of a case's history, and erased when its days have passed.
"""
