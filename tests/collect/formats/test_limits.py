"""The most that an answer may hold."""

import pytest

from bigdata_emis.collect.formats.limits import Limits, TooLargeError

LIMITS = Limits("power", byte_count=10, row_count=2)


def test_as_much_as_is_allowed_passes():
    LIMITS.check_bytes(10, "here")
    LIMITS.check_rows(2, "here")


def test_more_is_refused_with_the_key_to_set():
    with pytest.raises(TooLargeError, match=r"here: more than 10 bytes; .* set largest_answer_bytes below \[power\]"):
        LIMITS.check_bytes(11, "here")
    with pytest.raises(TooLargeError, match="here: more than 2 rows; .* set largest_pass_rows"):
        LIMITS.check_rows(3, "here")
