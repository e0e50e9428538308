"""Alembic's folder; ``cases.schema`` runs it, no alembic.ini is needed."""
