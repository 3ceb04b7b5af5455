"""Run the migrations on `DATABASE_URL`; with `--sql` write them down."""

import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine, event, pool

import masker.migrations  # noqa: F401 - gives op.mask_table and op.copy_masked


def begin_for_real(engine):
    """Let a transaction of SQLite hold DDL, too: sqlite3 begins one late, at the first row.

    See "Pysqlite" in SQLAlchemy's documentation, on transactional DDL.
    """

    @event.listens_for(engine, "connect")
    def connected(raw, _):
        raw.isolation_level = None
        raw.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begun(connection):
        connection.exec_driver_sql("BEGIN")


def online():
    engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        begin_for_real(engine)
    with engine.connect() as connection:
        # One transaction for the whole upgrade: a failure in any version undoes all of it.
        context.configure(connection=connection, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()


def offline():
    context.configure(url=os.environ["DATABASE_URL"], literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


fileConfig(context.config.config_file_name, disable_existing_loggers=False)
if context.is_offline_mode():
    offline()
else:
    online()
