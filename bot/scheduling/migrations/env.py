"""Alembic's way to the tables: always on a connection that bot.scheduling.tables has opened."""

from alembic import context

from bot.scheduling.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
