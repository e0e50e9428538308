"""The API room: HTTP in, the case room's answers out.

Enters: requests with a key or a desk session. Leaves: JSON, problem details, pictures, events, the desk's pages.
Never: a rule about cases, a query of its own, a polygon; routes parse, call ``cases`` and view.
"""
