"""Who comes in by the city's single sign-on: which provider's account belongs to which person."""

import sqlalchemy as sa
from alembic import op

revision = "v0016"
down_revision = "v0015"
branch_labels = None
depends_on = None

BEFORE = "People who sign in with a password."
SINCE = "People who sign in with a password, or by the city's single sign-on."
COLUMNS = (("sign_on", 8), ("sign_on_issuer", 512), ("sign_on_subject", 255))


def upgrade() -> None:
    for name, length in COLUMNS:
        op.add_column("person", sa.Column(name, sa.String(length=length), nullable=True))
    op.create_index("ix_person_sign_on", "person", ["sign_on_issuer", "sign_on_subject"], unique=True)
    _say(SINCE, BEFORE)


def downgrade() -> None:
    """People stay; who came in by single sign-on alone needs a new initial password."""
    _say(BEFORE, SINCE)
    op.drop_index("ix_person_sign_on", "person")
    for name, _length in reversed(COLUMNS):
        op.drop_column("person", name)


def _say(comment: str, existing: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name != "sqlite":
        op.create_table_comment("person", comment, existing_comment=existing)
