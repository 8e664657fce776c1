"""The documents of the commands have the keys on which other programs rely."""

from typing import get_type_hints

from bigdata_emis.control.documents import AlertDocument, LedgerRow, RecalculationDocument, ScenarioParameters


def test_the_document_of_a_recalculation_has_its_published_keys() -> None:
    published = {"scenario", "run", "region", "from_utc", "to_utc", "seconds", "ledger", "files"}
    assert published <= set(get_type_hints(RecalculationDocument))
    assert {"complete_share", "is_partial"} <= set(get_type_hints(RecalculationDocument))


def test_a_ledger_row_has_its_published_keys() -> None:
    keys = {"pollutant", "baseline_kg", "cut_kg", "cut_share", "target_share", "met"}
    assert keys <= set(get_type_hints(LedgerRow))


def test_the_document_of_an_alert_has_its_published_keys() -> None:
    assert {"level", "rule_version", "reason", "from_utc", "to_utc"} <= set(get_type_hints(AlertDocument))


def test_the_parameters_of_a_scenario_name_the_version_of_every_input() -> None:
    assert get_type_hints(ScenarioParameters)["inputs"] == dict[str, dict[str, str]]
