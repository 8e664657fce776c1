"""The trial finds what cannot be missed, and doubts little that is sound."""

import pytest

from bigdata_emis.demo.fault_trial.fault_trial import try_faults
from bigdata_emis.errors import InputError

KINDS = 16
SURE = ("self-generation gap", "negative", "stuck", "register jump", "PM2.5 > PM10", "negative (CEMS)")


@pytest.mark.slow
def test_a_tiny_trial_finds_the_sure_kinds():
    document = try_faults(seeds=[11], size="tiny")
    assert len(document["kinds"]) == KINDS
    assert {kind: document["kinds"][kind]["recall"] >= 0.95 for kind in SURE} == dict.fromkeys(SURE, True)
    assert document["kinds"]["clock shift"]["recall"] >= 0.95
    assert document["slight"]["power"]["slight"] > 0
    assert max(feed["false_share"] for feed in document["feeds"].values()) <= 0.02


def test_an_unknown_size_is_refused():
    with pytest.raises(InputError, match="'huge'"):
        try_faults(seeds=[1], size="huge")
