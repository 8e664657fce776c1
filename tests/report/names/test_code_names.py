"""Words for codes that are no words themselves."""

from bigdata_emis import reference
from bigdata_emis.report.names.code_names import breach_words, feed_words, pollutant_words, rule_words


def test_a_pollutant_has_its_sign_and_a_code_of_ours_its_title() -> None:
    assert pollutant_words("NOx") == {"en": "NOx", "zh": "NOx"}
    assert pollutant_words("PM_condensable") == {"en": "condensable particulate", "zh": "可凝结颗粒物"}


def test_every_version_of_the_rules_has_words() -> None:
    assert rule_words("beijing-2015") == {"en": "Beijing rules of 2015", "zh": "北京2015年版规则"}
    assert rule_words("2017")["zh"] == "国家2017年版规则"
    versions = set(reference.read("alert_rule")["rule_version"].to_pylist())
    assert versions
    assert not [version for version in versions if "-" in rule_words(version)["zh"]]


def test_a_feed_has_the_title_of_its_table_and_an_unknown_one_its_code() -> None:
    assert feed_words("power") != {"en": "power", "zh": "power"}
    assert feed_words("radar") == {"en": "radar", "zh": "radar"}


def test_a_line_that_was_to_stop_and_cut_only_has_not_stopped() -> None:
    assert breach_words("partly_obeyed", 1.0)["zh"] == "未停产（仅部分减产）"
    assert breach_words("partly_obeyed", 0.5)["zh"] == "限产不到位"
    assert breach_words("partly_obeyed", None)["zh"] == "限产不到位"
    assert breach_words("stop_not_obeyed", 1.0)["zh"] == "未停产"
