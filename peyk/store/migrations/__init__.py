"""The revisions of the database, and what alembic runs them with."""
