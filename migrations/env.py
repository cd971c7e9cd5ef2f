"""Alembic's way in. The connection comes from the app, inside one transaction: a migration is whole or not at all."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
