"""Tables of this part of the case room; their migration is cases/migrations/versions/v0006_catalogue.py."""
