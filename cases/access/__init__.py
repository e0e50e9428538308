"""People, their roles, sessions and limits, and the audit log."""
