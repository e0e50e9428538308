"""Open311 GeoReport v2: the case room as civic software speaks to it."""
