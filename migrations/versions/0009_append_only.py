"""The ledger, the papers and the audit trail are never edited."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("ledger_entries", "receipts", "audit_entries", "audit_seals")


def upgrade() -> None:
    """Refuse UPDATE and DELETE on each of them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(_trigger(table, verb))


def _trigger(table: str, verb: str) -> str:
    name = f"{table}_refuse_{verb.lower()}"
    if op.get_bind().dialect.name == "postgresql":
        return (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    return (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def downgrade() -> None:
    """Allow them again."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for verb in ("update", "delete"):
            suffix = f" ON {table}" if postgresql else ""
            op.execute(f"DROP TRIGGER {table}_refuse_{verb}{suffix}")
    if postgresql:
        op.execute("DROP FUNCTION refuse_change()")
