"""What a check declares, and how a finding reads."""

import pyarrow as pa

from bigdata_emis.publish.gate.checks import Check, Finding, Severity, expect_between, expect_zero


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding("registry", "shares must sum to 1", Severity.CRITICAL, ("fleet_mix of primary: beyond_one -0.6",))
    assert str(finding) == "registry: shares must sum to 1 - fleet_mix of primary: beyond_one -0.6"


def test_zero_within_a_tolerance_is_a_pair_of_limits() -> None:
    expected = expect_zero("difference", "nothing may differ", tolerance=0.5)
    assert expected.kwargs == {"column": "difference", "min_value": -0.5, "max_value": 0.5}
    assert expected == expect_between("difference", -0.5, 0.5, "nothing may differ")


def test_a_check_expects_nothing_unless_it_says_so() -> None:
    assert Check("facts", pa.table({"what": ["a"]}), ("what",)).expectations == ()
