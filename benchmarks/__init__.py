"""Measured figures: seeded, reproducible, with machine, versions and model hash beside each number."""
