"""Requests of citizens and other systems, and how they join cases."""
