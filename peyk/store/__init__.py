"""The store: tables, repositories, migrations, on SQLite or PostgreSQL."""
