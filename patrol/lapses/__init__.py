"""Judges a model by the cases it files: rendered time lapses in, precision, recall and every fault out.

What enters: a folder of clips with their truth. What leaves: a score, and for each fault a picture to look at. Between
the two stands the very chain of a patrol (feed, detector, grid, outbox, API, SQLite); nothing of it is replaced.
It never trains, and never decides which model is used.
"""
