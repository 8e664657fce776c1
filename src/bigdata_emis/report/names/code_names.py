"""Words for codes that are no words themselves: pollutants, versions of alert rules, feeds, kinds of breach.

Belongs here: what the titles of code lists (schema/codes.csv) cannot say alone. Does not: places, plants, measures.
"""

from bigdata_emis import schema
from bigdata_emis.codes import BreachKind
from bigdata_emis.report.sheet.report_sheet import Words, code_words, words
from bigdata_emis.schema.rule_titles import rule_title

FULL_STOP_SHARE = 0.999
"""An order to cut this share of the activity or more is an order to stop."""
NOT_STOPPED = words("not stopped: cut in part only", "未停产（仅部分减产）")


def pollutant_words(code: str) -> Words:
    """A pollutant by the sign that everybody uses; by its title where the code is only a name of ours."""
    return code_words("pollutant", code) if "_" in code else words(code)


def rule_words(version: str) -> Words:
    """A version of the alert rules: its year, with the city whose plan it is."""
    return words(*rule_title(version))


def feed_words(feed: str) -> Words:
    """A feed by the title of the table into which it is cleaned; by its code where there is none."""
    declared = schema.tables().get(f"{feed}_hourly")
    return words(declared.title_en, declared.title_zh) if declared else words(feed)


def breach_words(kind: str, order_share: float | None) -> Words:
    """A kind of breach, as it is said of the order: a line that was to stop and only cut its output has not stopped."""
    if kind == BreachKind.PARTLY_OBEYED and order_share is not None and order_share >= FULL_STOP_SHARE:
        return NOT_STOPPED
    return code_words("breach_kind", kind)
