"""Words for the forms of activity models.

Belongs here: a title of each form in both languages. Does not: the forms (activity_model/forms).
"""

from bigdata_emis.report.sheet.report_sheet import Words, words

_TITLES = {
    "static_profile": words("static profile", "静态时间谱"),
    "proportional": words("proportional", "正比"),
    "affine": words("affine", "线性（含截距）"),
    "piecewise": words("piecewise linear", "分段线性"),
    "start": words("start", "启停修正"),
    "ramp": words("ramp", "升降负荷修正"),
    "boosted": words("boosted trees", "提升树"),
    "boosted_weather": words("boosted trees with weather", "提升树（含气象）"),
    "pooled": words("pooled over the industry", "行业汇总"),
}


def form_words(form: str) -> Words:
    """A form by its title; by its own name where a model of another release has one that this release does not."""
    return _TITLES.get(form) or words(form)
