"""The model of a line: its own, else that of its industry in the same unit, else none."""

from bigdata_emis.inventory.activity.model_choice import ModelChoice

LINES = [
    {"production_line_id": name, "enterprise_id": "e", "activity_unit_code": unit, "industry_code": industry}
    for name, unit, industry in (
        ("a", "t", "cement"),
        ("b", "t", "cement"),
        ("c", "GJ", "cement"),
        ("d", "t", "foundry"),
    )
]


def model(source):
    return {"source_id": source, "model_version_id": "v1", "activity_correction": 1.0, "interval_correction": 1.0}


def chosen(*sources, unit="t", unreadable=frozenset()):
    in_use = {source: model(source) for source in sources}
    choice = ModelChoice(LINES, in_use, {"industry:cement": unit} if "industry:cement" in in_use else {})
    rows = choice.choose_models(unreadable).to_pylist()
    return {row["production_line_id"]: row["source_id"] for row in rows}


def test_the_own_model_precedes_that_of_the_industry():
    assert chosen("a", "industry:cement") == {"a": "a", "b": "industry:cement"}


def test_an_industry_model_without_a_unit_is_chosen_for_every_line_of_the_industry():
    assert chosen("industry:cement", unit=None) == dict.fromkeys("abc", "industry:cement")


def test_an_unreadable_own_model_is_substituted_by_that_of_the_industry():
    assert chosen("a", "industry:cement", unreadable={("a", "a")})["a"] == "industry:cement"


def test_a_line_without_a_readable_model_has_no_row():
    assert chosen("a", "b", unreadable={("b", "b")}) == {"a": "a"}
    assert chosen() == {}
