"""Calendars, working time and deadlines.

Shifts, holidays and make-up working days go in; a moment so many working hours on comes out. It never reads a clock.
"""
