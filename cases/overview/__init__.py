"""Figures for the shift leader: what came, what became of it, how long it took, where it comes back.

In: every change of a case, inside its own transaction (``rolling``). Out: one ``Overview`` for a span of hours
(``store``). Nothing here decides anything; the figures can always be made anew from the cases alone.
"""
