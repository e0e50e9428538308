"""What other systems are told: webhooks and upper platforms, from a durable outbox.

In come the case events, in their global order; out go HTTP calls. Each receiver has a line: a cursor over the events,
kept in the database. The cursor moves only when the event was taken, set aside as a dead letter, or is none of the
receiver's business, so nothing is lost, nothing overtakes, and no table of copies grows. Cases are never changed here.
"""
