"""Pooled models of industries, and what they replace."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.pooled_industry import fit_line_ratio
from bigdata_emis.relate.models.industry_model import industry_rows

START = datetime(2019, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=7)


def ratio(source_id, factor):
    """The ratio of a line with activity = factor × energy, as the training of the line hands it over."""
    hour = np.arange(240)
    energy = 100.0 + hour % 24
    activity = factor * energy * np.where(hour // 24 % 2, 1.02, 0.98)
    fitted = fit_line_ratio(energy, activity, hour, source_id=source_id, industry_code="cement", activity_unit_code="t")
    return json.loads(json.dumps(asdict(fitted))), START


def by_source(rows):
    return {(row["source_id"], row["status_code"]): row for row in rows}


def test_an_industry_and_each_line_without_a_model_get_a_champion():
    rows = by_source(industry_rows([ratio("a", 0.1), ratio("b", 0.2)], [], {"a"}, LATER))
    assert set(rows) == {("industry:cement", "champion"), ("b", "champion")}
    pooled = rows[("industry:cement", "champion")]
    assert 0.1 < json.loads(pooled["parameters_json"])["activity_per_kwh"] < 0.2
    assert json.loads(pooled["card_json"])["lines"] == 2
    assert (pooled["form_code"], pooled["from_utc"], pooled["to_utc"]) == ("pooled", None, START)


def test_a_champion_with_the_same_parameters_stays():
    first = industry_rows([ratio("a", 0.1)], [], {"a"}, START)
    assert industry_rows([ratio("a", 0.1)], first, {"a"}, LATER) == []


def test_a_champion_with_other_parameters_is_retired_and_keeps_its_parameters():
    first = industry_rows([ratio("a", 0.1)], [], {"a"}, START)
    rows = by_source(industry_rows([ratio("a", 0.3)], first, {"a"}, LATER))
    assert set(rows) == {("industry:cement", "champion"), ("industry:cement", "retired")}
    retired = rows[("industry:cement", "retired")]
    assert retired["champion_to_utc"] == LATER
    assert retired["parameters_json"] == first[0]["parameters_json"]


@pytest.mark.parametrize("with_ratio", [True, False], ids=["replaced", "not replaced"])
def test_an_unreadable_champion_is_withdrawn(with_ratio):
    first = industry_rows([ratio("a", 0.1)], [], {"a"}, START)
    broken = [{**first[0], "parameters_json": "{"}]
    rows = by_source(industry_rows([ratio("a", 0.1)] if with_ratio else [], broken, {"a"}, LATER))
    assert rows[("industry:cement", "retired")]["parameters_json"] == "{}"
    assert (("industry:cement", "champion") in rows) is with_ratio
