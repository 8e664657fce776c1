"""Documents of what persons decided."""

import pytest

from bigdata_emis.collect.passes.decision_documents import read_decisions, write_decisions
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import lake

NAME = "excluded/power/2015-12-20.json"


def test_records_are_read_as_they_were_written_and_a_day_without_any_has_none(home):
    store = lake(home)
    assert read_decisions(store, NAME) == {}
    write_decisions(store, NAME, {"2": {"actor": "李"}, "10": {}})
    assert read_decisions(store, NAME) == {"2": {"actor": "李"}, "10": {}}


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"1": "x"}', b"\xff", b"null"])
def test_a_damaged_document_is_named_and_not_taken_for_an_empty_one(home, damage):
    store = lake(home)
    store.write_document(NAME, damage)
    with pytest.raises(InputError, match=rf"{NAME} is damaged; the audit trail has what was decided"):
        read_decisions(store, NAME)
