"""Correlation of errors: by sector and method, else by method alone."""

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.reference.error_correlations import ErrorCorrelations

TABLE = pa.table(
    {
        "sector_code": ["mobile", None],
        "method_code": ["modelled", "modelled"],
        "class_variance_share": [0.8, 0.5],
        "persistence_share": [0.9, 0.6],
    }
)
CORRELATIONS = ErrorCorrelations(TABLE)


def test_the_row_of_the_sector_precedes_that_of_the_method():
    assert CORRELATIONS.shares("mobile", "modelled") == (0.8, 0.9)
    assert CORRELATIONS.shares("dust", "modelled") == (0.5, 0.6)


def test_every_row_of_a_table_has_the_shares_of_its_codes():
    class_shares, persistence = CORRELATIONS.shares_by_row(
        pa.chunked_array([["dust", "mobile", "dust"]]), pa.chunked_array([["modelled"] * 3])
    )
    assert class_shares.tolist() == [0.5, 0.8, 0.5]
    assert persistence.tolist() == [0.6, 0.9, 0.6]


def test_a_method_without_a_row_is_refused_by_name():
    with pytest.raises(InputError, match="no row for method 'measured'"):
        CORRELATIONS.shares("mobile", "measured")


def test_counted_movements_share_their_factor_more_than_a_profile_does():
    """A factor with an error of 0.8 and hours with 0.2: 0.64 of 0.68 of the variance is that of the factor."""
    shipped = ErrorCorrelations(reference.read("error_correlation"))
    movements, fires = (shipped.shares(sector, "counted")[0] for sector in ("mobile", "biomass_burning"))
    assert movements == pytest.approx(0.64 / 0.68, abs=0.05)
    assert fires == shipped.shares("biomass_burning", "profile")[0]
