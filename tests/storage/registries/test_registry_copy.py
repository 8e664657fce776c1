"""What can be said of a copy without a second kind of database; the rest is in tests/contracts."""

from pathlib import Path

from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_copy import copy_registry, is_empty


def test_a_database_is_empty_until_a_row_is_in_it_and_a_copy_of_nothing_counts_nothing(home: Path) -> None:
    copy = f"sqlite:///{home / 'copy.sqlite'}"
    assert is_empty(copy)
    assert not (home / "copy.sqlite").exists()
    database.migrate()
    assert sum(copy_registry(copy).values()) == 0
    assert is_empty(copy)
