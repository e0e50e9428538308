"""Unit grids, zones, responsible units and named people, with effective dates."""
