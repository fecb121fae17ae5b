"""On PostgreSQL a second guard stands behind the claims: no two live bookings overlap."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the exclusion constraint; SQLite has no such thing and relies on the claims."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        "ALTER TABLE bookings ADD CONSTRAINT no_two_live_bookings_overlap "
        "EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, busy_until) WITH &&) "
        "WHERE (status IN ('held', 'confirmed', 'attended', 'no_show'))"
    )


def downgrade() -> None:
    """Take it away again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE bookings DROP CONSTRAINT no_two_live_bookings_overlap")
