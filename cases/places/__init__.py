"""Unit grids, zones, responsible units and named people, with effective dates.

A layer (GeoJSON) or a table (CSV) goes in; who answers for a category in a cell on a day comes out.
"""
