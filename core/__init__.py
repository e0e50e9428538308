"""The words every room shares: ids, time, geometry, errors and the plain facts that cross rooms.

Enters: nothing. Leaves: frozen values. Never: input/output, a third-party import, a decision.
"""
