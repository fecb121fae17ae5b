"""How a migration reaches the database: through the app's own engine, one transaction each."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from efoy.models import Base

LOCK_TIMEOUT = "3s"
"""A migration that cannot get its lock gives up instead of stopping everyone behind it."""


def run() -> None:
    """Run the asked-for migrations online."""
    migrate = current_app.extensions["migrate"]
    engine = migrate.db.engine
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
