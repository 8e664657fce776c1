"""Rules of supervision come from the reference table, each of them."""

import pyarrow.compute as pc
import pytest

from bigdata_emis import reference
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.errors import InputError


def test_the_rules_of_the_project_are_complete():
    rules = SupervisionRules.read(reference.read("supervision_rule"))
    assert (rules.tolerance_share, rules.stop_load_share) == (0.1, 0.25)


def test_a_missing_rule_is_refused_by_its_name():
    table = reference.read("supervision_rule")
    without = table.filter(pc.not_equal(table["parameter_name"], "ramp_h"))
    with pytest.raises(InputError, match="supervision_rule has no row ramp_h; add the row"):
        SupervisionRules.read(without)
