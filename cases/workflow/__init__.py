"""A case's seven stages: commands, who may give them, and what they make of a case."""
