"""Cases may hold ``corrected`` events: no table changes, but a Gridpatrol from before cannot read such a case.

The step is there so that it refuses the database and says why, instead of failing on the first such case.
"""

import sqlalchemy as sa
from alembic import op

from core.errors import CaseError

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing to change: an event's kind is text, its data JSON."""


def downgrade() -> None:
    """Raises: CaseError when corrected events are there; events are append-only, so they cannot be taken away."""
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM case_event WHERE kind = 'corrected'")).scalar_one()
    if held:
        raise CaseError(f"{held} corrected events are in the history; restore the backup made before the upgrade")
