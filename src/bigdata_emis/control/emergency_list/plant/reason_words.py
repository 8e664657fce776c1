"""Why an item of a list needs a person, in Chinese, for the queue and for the sheet that an inspector carries.

Belongs here: the sentences. Does not: which item needs a person (measure_text, list_checks).
"""

import re

from bigdata_emis.control.emergency_list.matching.list_registry import NotMatched

SEPARATOR = "; "
SENTENCES: tuple[tuple[str, str], ...] = (
    (r"blank or a mark: unknown, not zero", "空白或符号：未知，不作零处理"),
    (r"figure without a word: unknown what it counts", "只有数字，未说明所指"),
    (r"refers to another text", "指向其他文件或条款"),
    (r"no measure that can be read in the text", "未能识别出措施"),
    (
        r"row above or level before: the text does not name a level of this row",
        "写“同上”或“同前”，但该行无可引用的级别",
    ),
    (r"as (\w+): (.+)", "同其他级别：{1}"),
    (r"long stopped: no base", "长期停产：无基准排放"),
    (r"same as row (\d+)", "与第{0}行重复"),
    (r"credit code shared with row (\d+) under another name", "统一社会信用代码与第{0}行相同而名称不同"),
    (r"credit code column holds a permit number", "信用代码一栏填写的是排污许可证号"),
    (r"county (.+) occurs in this row only", "区县“{0}”仅此一行出现"),
    (r"contradicts the guarantee class .+: it would stop the plant", "与保障类别矛盾：将导致停产"),
    (r"a higher level cuts less than a lower one", "较高级别的减排小于较低级别"),
    (r"the row has no name", "该行无名称"),
    (r"emission negative: no kg/d", "排放量为负，无法换算"),
    (r"grade '(.*)' does not exist: ask for the grade", "绩效等级“{0}”不存在，请核实"),
    (r"t/a to kg/d by 365 days assumed", "年排放量按365天折算为日排放量"),
    (r"normal interval missing", "缺正常生产间隔"),
    (r"approved largest load or load of today missing", "缺核定最大负荷或当前负荷"),
    (r"number of lines missing", "缺生产线数量"),
    (r"(\d+) lines to stop(?:, of| where) (\d+) (?:are )?listed", "要求停{0}条线，清单仅列{1}条"),
    (r"share left for keeping hot missing: the plant files it", "缺保温所需负荷比例，须企业申报"),
    (r"one line cannot be stopped in part: read as a load cut", "单条线无法部分停产，按限产理解"),
    (r"the cell orders several cuts of the plant: (.+)", "同一单元格含多个减排比例：{0}"),
    (r"an exemption follows it: (.+)", "其后另有豁免：{0}"),
    (r"reads two ways: (.+) or (.+)", "有两种读法：{0} 或 {1}"),
    (r"the text negates a stop", "文字否定停产"),
    (r"the measure is voluntary or conditional", "措施为自愿或附条件"),
    (r"a range or an approximate figure", "数值为区间或约数"),
    (r"the text orders more than one thing", "一条文字含多项措施"),
    (r"hours of the day that were not read", "有未识别的时段"),
    (r"a stage of vehicles that was not read", "有未识别的车辆排放阶段"),
    (r"a number of lines beside the one that was read", "另有未识别的生产线数量"),
    (r"a part of the plant, whose share of the emission is not known", "仅涉及部分设施，其排放占比未知"),
    (r"the text is about grade (\w+)", "文字针对绩效等级{0}"),
    (r"the text is about level (.+)", "文字针对其他级别"),
    (r"words beside the measure that were not read: (.+)", "措施之外有未识别文字：{0}"),
    (r"this kind of measure always needs a person", "此类措施须人工判断"),
    (r"a stop of nothing: a misprint, or an exemption that has to be said", "停产比例为零：笔误或豁免，须注明"),
    (r"from an hour to the same hour: none or all of the day", "起止时刻相同：无时段或全天"),
    (r"the figure is above 100 per cent", "数值超过100%"),
    (r"a figure of 0 per cent: a measure that cuts nothing, or a slip", "比例为0：无减排或笔误"),
    (r"the text needs a person", "文字须人工判断"),
    (r"the fraction is above 1", "分数大于1"),
    (r"以下 without 及: is stage V included", "“以下”未写“及”：是否含国五"),
    *(
        (rf"{re.escape(one.in_english)}: (.+)", f"{one.in_chinese}：{{0}}")
        for one in (NotMatched.SEVERAL_LINES, NotMatched.SEVERAL_ROWS)
    ),
    (r"(.+) and (\d+) more", "{0}，另有{1}条"),
)
"""What the reader of lists says, and the same in Chinese; {0} and {1} are what a sentence names."""


def reason_words(reason: str | None) -> str:
    """The reasons of an item in Chinese; one that has no Chinese sentence as it was stored; empty without a reason."""
    return "；".join(map(_in_chinese, filter(None, (reason or "").split(SEPARATOR))))


def _in_chinese(sentence: str) -> str:
    for pattern, chinese in SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found:
            return chinese.format(*(_in_chinese(part) for part in found.groups()))
    return sentence
