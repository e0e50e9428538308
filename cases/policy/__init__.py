"""Policy before filing: permits, suppressions, profiles, and whether a person must look first.

Enters: a candidate that would open a case (``CandidateFacts``). Leaves: a ``Decision`` with the rule that made it, in
words; each one is a row. Never: a case of its own, a look at a picture, or a standing case taken away.
"""
