"""Composition: settings, wiring, the command line, the worker, its outbox, the demo.

Enters: one ``gridpatrol.toml`` and secrets from the environment. Leaves: running processes.
Never: a rule about violations, cells or cases; those live in the rooms below.
"""
