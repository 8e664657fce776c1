"""Alembic's environment: it runs on the connection that storage/database.py or docgen/generated_files.py passes in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from bigdata_emis.schema.sql import metadata


def _as_stored(kind: str, element: Any, _: Any) -> str | Literal[False]:
    """Plain types only, so that a migration stays the same when our own types change."""
    if kind == "type" and isinstance(element, TypeDecorator):
        return f"sa.{element.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,
    render_item=_as_stored,
)
with context.begin_transaction():
    context.run_migrations()
