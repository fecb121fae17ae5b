"""Whoever changes what is offered leaves a new number behind."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

TABLES = (
    "clinic",
    "specialties",
    "refund_policies",
    "doctors",
    "services",
    "doctor_services",
    "service_prices",
    "opening_hours",
    "extra_hours",
    "time_off",
)
SQLITE = "INSERT OR REPLACE INTO editions (id, number) VALUES (1, abs(random() / 2))"
POSTGRESQL = (
    "INSERT INTO editions (id, number) VALUES (1, (random() * 9007199254740992)::bigint) "
    "ON CONFLICT (id) DO UPDATE SET number = excluded.number"
)


def upgrade() -> None:
    """One row, and a trigger on every table that an offer is read from."""
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("there_is_one_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION write_edition() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {POSTGRESQL}; RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION write_edition()"
        )
    op.execute(POSTGRESQL)


def _on_sqlite() -> None:
    for table in TABLES:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            name = f"{table}_edition_{verb.lower()}"
            op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON {table} BEGIN {SQLITE}; END")
    op.execute(SQLITE)


def downgrade() -> None:
    """Read everything each time again."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_edition ON {table}")
        op.execute("DROP FUNCTION write_edition()")
    else:
        for table in TABLES:
            for verb in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_edition_{verb}")
    op.drop_table("editions")
