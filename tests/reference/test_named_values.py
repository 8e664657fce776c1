"""Named values of a reference table."""

import pyarrow as pa
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.reference.named_values import Parameters


def test_a_value_is_read_by_its_name_and_a_missing_row_is_named() -> None:
    table = pa.table({"parameter_name": ["ramp_h", "stuck_h"], "parameter_value": [2, 3.5]})
    values = Parameters("supervision_rule", table)
    assert (values["ramp_h"], values["stuck_h"]) == (2.0, 3.5)
    with pytest.raises(InputError, match="reference table supervision_rule has no row tolerance_share; add the row"):
        values["tolerance_share"]
