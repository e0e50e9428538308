"""Calendars, working time and deadlines."""
