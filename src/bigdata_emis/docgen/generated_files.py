"""Writer of the generated files: `python -m bigdata_emis.docgen.generated_files [--migration WORDS]`.

Belongs here: which file is rendered by which function, and its path. Does not: the renderings (schema/, pages, …).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from bigdata_emis.docgen.code_enums import code_enums
from bigdata_emis.docgen.data_dictionary import data_dictionary
from bigdata_emis.docgen.pages import equations_page, flow_page, region_page
from bigdata_emis.errors import EmisError, InputError
from bigdata_emis.schema.sql import schema_sql
from bigdata_emis.settings import PACKAGE
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected

REPOSITORY = PACKAGE.parents[1]


def renderings() -> dict[str, str]:
    """Render every generated file, by its path in the repository."""
    return {
        "sql/schema.sql": schema_sql(),
        "src/bigdata_emis/codes.py": code_enums(),
        "docs/generated/data_dictionary.md": data_dictionary(),
        "docs/generated/flow.md": flow_page(),
        "docs/generated/equations.md": equations_page(),
        "docs/generated/region.md": region_page(),
    }


def write_generated() -> list[str]:
    """Rewrite the generated files that are not current; return their paths."""
    changed = []
    for name, text in renderings().items():
        path = REPOSITORY / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.append(name)
    return changed


def draft_migration(words: str) -> str:
    """Draft the migration from the newest revision to the declared schema; return its number.

    A person must read the draft before it is committed.
    """
    number = f"{int(database.newest_revision() or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMIS_DATABASE"] = f"sqlite:///{Path(folder) / 'draft.sqlite'}"
        with connected(write=True, migrate=True) as connection:
            if database.newest_revision():
                database.run_migrations(connection)
        with connected(write=True, migrate=True) as connection:
            config = Config(attributes={"connection": connection, "version_table": database.VERSION_TABLE})
            config.set_main_option("script_location", str(database.sql_folder() / "migrations"))
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(config, words, autogenerate=True, rev_id=number)
    return number


def main() -> int:
    """Write the generated files, draft a migration if asked, and print what was written."""
    parser = argparse.ArgumentParser(prog="python -m bigdata_emis.docgen.generated_files", description=__doc__)
    parser.add_argument("--migration", metavar="WORDS", help="draft the next migration, named for what it changes")
    words = parser.parse_args().migration
    try:
        if not (REPOSITORY / "pyproject.toml").is_file():
            raise InputError(
                f"{REPOSITORY} is not a clone of the repository", "run the command from an editable install"
            )
        written = [f"migration {draft_migration(words)}"] if words else []
        written += write_generated()
    except EmisError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_status
    print("\n".join(written) if written else "everything is current")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
