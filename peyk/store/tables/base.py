"""What all tables share."""

from __future__ import annotations

from sqlalchemy import MetaData

# Its own name: the database may hold other programs' tables, and their alembic.
VERSION_TABLE = "peyk_schema_version"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
