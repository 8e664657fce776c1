"""Versions of the alert rules in words."""

from bigdata_emis import reference
from bigdata_emis.schema.rule_titles import rule_title


def test_a_version_has_its_year_and_the_city_whose_plan_it_is() -> None:
    assert rule_title("beijing-2015") == ("Beijing rules of 2015", "北京2015年版规则")
    assert rule_title("2017") == ("national rules of 2017", "国家2017年版规则")
    assert rule_title("tangshan-2030") == ("tangshan rules of 2030", "tangshan2030年版规则")


def test_every_version_of_the_table_has_a_chinese_title_without_a_code() -> None:
    titles = [rule_title(version)[1] for version in reference.read("alert_rule")["rule_version"].to_pylist()]
    assert titles
    assert not [title for title in titles if "-" in title]
