"""How much of the emission a measure affects and cuts, from the figures in its text and what is known about the plant.

Belongs here: one function for each code of code list share_formula, with its name. Does not: the patterns
(text_patterns), unclear texts (measure_reading).

Source: example texts and formulas of reference table measure_text_pattern, each with its notice and confidence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bigdata_emis.codes import EmissionStage, ListContext, ListWordRole, ShareFormula
from bigdata_emis.control.emergency_list.list_words import meaning
from bigdata_emis.control.emergency_list.measure_text.text_context import STAGES, TextContext
from bigdata_emis.control.emergency_list.measure_text.text_patterns import PatternMatch
from bigdata_emis.window import HOURS_PER_DAY

PER_PERCENT = 0.01
INTERVAL_DECIMALS = 6
"""The share of a longer interval as a list states it, so that kg/d can be checked from the share."""
ROUNDING = 1e-9
"""Keeps 0.3 of 10 lines at 3: a product of shares may lie a rounding error above a whole number."""
NOTHING_TO_STOP = "a stop of nothing: a misprint, or an exemption that has to be said"
SAME_HOUR = "from an hour to the same hour: none or all of the day"


@dataclass(frozen=True)
class Shares:
    """What a formula gives. missing: what is unknown; doubt: what is known and does not fit; error: cannot be."""

    affected: float | None = None
    cut: float | None = None
    applied: float | None = None
    base: float | None = None
    target: float | None = None
    hours: str = ""
    stage: str = ""
    missing: str = ""
    doubt: str = ""
    error: str = ""
    readings: tuple[str, ...] = ()


def compute_shares(match: PatternMatch, context: TextContext) -> Shares:
    """The shares of a match by the formula of its pattern; a share above 100 % is an error."""
    percents = [match.figure(role) for role in match.captured if role.startswith("percent")]
    if any(percent is not None and percent > 100 for percent in percents):
        return Shares(error="the figure is above 100 per cent")
    if any(percent == 0 for percent in percents):
        return Shares(doubt="a figure of 0 per cent: a measure that cuts nothing, or a slip")
    formula = FORMULAS.get(match.pattern.formula)
    return formula(match, context) if formula else Shares(missing="the text needs a person")


def _fixed(match: PatternMatch, context: TextContext) -> Shares:
    if context.is_key_project and match.pattern.kind.startswith("site"):
        return Shares(0.0, 1.0)
    return Shares(match.pattern.affected_share, match.pattern.cut_share)


def _lines_percent(match: PatternMatch, context: TextContext) -> Shares:
    share, lines = _percent(match), _line_count(context)
    if not share:
        return Shares(doubt=NOTHING_TO_STOP)
    if lines is None:
        return Shares(missing="number of lines missing")
    if lines == 1 and share < 1:
        return Shares(1.0, share, doubt="one line cannot be stopped in part: read as a load cut")
    return Shares(math.ceil(share * lines - ROUNDING) / lines, 1.0)


def _lines_count(match: PatternMatch, context: TextContext) -> Shares:
    stopped, lines = match.figure("count"), _line_count(context)
    if stopped is None or lines is None:
        return Shares(missing="number of lines missing")
    if not stopped:
        return Shares(doubt=NOTHING_TO_STOP)
    if stopped > lines:
        return Shares(doubt=f"{stopped:g} lines to stop, of {lines} listed")
    return Shares(stopped / lines, 1.0)


def _lines_fraction(match: PatternMatch, context: TextContext) -> Shares:
    written, whole = match.figure("part"), match.figure("whole") or 2.0
    part, lines = 1.0 if written is None else written, _line_count(context)
    if not part:
        return Shares(doubt=NOTHING_TO_STOP)
    if part > whole:
        return Shares(error="the fraction is above 1")
    if lines is None:
        return Shares(part / whole, 1.0)
    stopped = lines * part / whole
    doubt = "" if stopped == int(stopped) else f"{lines} lines cannot be divided so: rounded up"
    return Shares(math.ceil(stopped - ROUNDING) / lines, 1.0, doubt=doubt)


def _lines_left(match: PatternMatch, context: TextContext) -> Shares:
    least, left, lines = match.figure("count_least"), match.figure("count"), _line_count(context)
    if least is None or left is None or lines is None:
        return Shares(missing="number of lines missing")
    return Shares((lines - left) / lines if lines >= max(least, left) else 1.0, 1.0)


def _named_line(match: PatternMatch, context: TextContext) -> Shares:
    number = match.captured.get("line_number", "")
    share = context.value(ListContext.PROCESS_SHARE)
    if f"{number}号" in context.line or f"{number}#" in context.line:
        return Shares(1.0, 1.0)
    return Shares(share, 1.0, missing="" if share is not None else "the line is not in the register")


def _size_share(match: PatternMatch, context: TextContext) -> Shares:
    count, size, in_use = match.figure("count"), match.figure("size"), context.value(ListContext.SIZE_IN_USE)
    if count is None or size is None or not in_use:
        return Shares(None, 1.0, missing="size of all units in use missing")
    share = count * size / in_use
    return Shares(share, 1.0) if share <= 1 else Shares(doubt="more is to stop than is in use")


def _units_percent(match: PatternMatch, _: TextContext) -> Shares:
    return Shares(_percent(match), 1.0)


def _output_percent(match: PatternMatch, context: TextContext) -> Shares:
    code = match.pattern.base_context
    return Shares(1.0, _percent(match), base=context.values.get(code) if code else None)


def _load_left(match: PatternMatch, context: TextContext) -> Shares:
    left, normal = _percent(match), context.value(ListContext.NORMAL_LOAD_SHARE)
    if not normal:
        return Shares(1.0, None, missing="normal load missing")
    return Shares(1.0, max(0.0, 1 - left / normal), base=normal, target=left)


def _concentration_share(match: PatternMatch, context: TextContext) -> Shares:
    limit, normal = context.value(ListContext.LIMIT_MG_PER_M3), context.value(ListContext.NORMAL_MG_PER_M3)
    if limit is None or not normal:
        return Shares(1.0, None, missing="limit and normal concentration missing")
    return Shares(1.0, max(0.0, 1 - _percent(match) * limit / normal))


def _target_of_base(match: PatternMatch, context: TextContext) -> Shares:
    stated, target = match.figure("base"), match.figure("target")
    base = stated if stated is not None else context.values.get(match.pattern.base_context)
    if not base or target is None:
        return Shares(1.0, None, target=target, missing="base missing")
    if stated is not None and target > stated:
        return Shares(base=base, target=target, error="the target is above the base")
    return Shares(1.0, max(0.0, 1 - target / base), base=base, target=target)


def _interval_longer(match: PatternMatch, context: TextContext, role: str = "target") -> Shares:
    base, target = match.figure("base") or context.values.get(match.pattern.base_context), match.figure(role)
    if not base or not target:
        return Shares(1.0, None, target=target, missing="normal interval missing")
    if target < base:
        return Shares(1.0, None, base=base, target=target, doubt="the interval is shorter than the normal one")
    return Shares(1.0, round(1 - base / target, INTERVAL_DECIMALS), base=base, target=target)


def _interval_by_height(match: PatternMatch, context: TextContext) -> Shares:
    height, limit = context.value(ListContext.OVEN_HEIGHT_M), match.figure("height")
    if height is None or limit is None:
        return Shares(1.0, None, missing="height of the oven missing")
    return _interval_longer(match, context, "target" if height >= limit else "target_below")


def _stop_run_cycle(match: PatternMatch, _: TextContext) -> Shares:
    stop, run = match.figure("stop_h") or 0.0, match.figure("run_h") or 0.0
    return Shares(1.0, stop / (stop + run)) if stop + run else Shares(error="the cycle has no hours")


def _hours_of_day(match: PatternMatch, _: TextContext) -> Shares:
    hours = _window_hours(match)
    if hours is None:
        return Shares(error="the hours are not of a day")
    if not hours:
        return Shares(hours=window_text(match), doubt=SAME_HOUR)
    return Shares(1.0, 1.0, applied=hours / HOURS_PER_DAY, hours=window_text(match))


def _hours_of_process(match: PatternMatch, context: TextContext) -> Shares:
    hours, share = _window_hours(match), context.value(ListContext.PROCESS_SHARE)
    if hours is None:
        return Shares(error="the hours are not of a day")
    if not hours:
        return Shares(hours=window_text(match), doubt=SAME_HOUR)
    if share is None:
        return Shares(None, 1.0, hours=window_text(match), missing="share of the process missing")
    return Shares(share, 1.0, applied=share * hours / HOURS_PER_DAY, hours=window_text(match))


def _keep_hot(_: PatternMatch, context: TextContext) -> Shares:
    left = context.value(ListContext.KEEP_HOT_SHARE)
    if left is None:
        return Shares(1.0, None, missing="share left for keeping hot missing: the plant files it")
    return Shares(1.0, 1 - left)


def _process_share(match: PatternMatch, context: TextContext) -> Shares:
    share = context.value(ListContext.PROCESS_SHARE)
    if context.is_key_project and match.pattern.kind.startswith("site"):
        return Shares(0.0, 1.0)
    if share is None and context.industry and context.industry in match.pattern.industries:
        share = 1.0
    return Shares(share, 1.0, hours=window_text(match), missing="" if share is not None else "share missing")


def _load_cap(_: PatternMatch, context: TextContext) -> Shares:
    largest, load = context.value(ListContext.MAX_LOAD_SHARE), context.value(ListContext.LOAD_SHARE)
    if largest is None or not load:
        return Shares(1.0, None, missing="approved largest load or load of today missing")
    return Shares(1.0, max(0.0, 1 - largest / load), base=load, target=largest)


def _rotation(_: PatternMatch, context: TextContext) -> Shares:
    groups = context.value(ListContext.GROUP_COUNT)
    return Shares(1 / groups, 1.0) if groups else Shares(missing="calendar of the rotation missing")


def _by_place(match: PatternMatch, _: TextContext) -> Shares:
    outside, town = match.figure("percent") or 0, match.figure("percent_town") or 0
    return Shares(missing="place missing", readings=(f"outside the town {outside:g} %", f"in town {town:g} %"))


def _by_grade(match: PatternMatch, context: TextContext) -> Shares:
    percent = match.figure(f"percent_{context.grade.lower()}") if context.grade else None
    return Shares(percent * PER_PERCENT, 1.0) if percent is not None else Shares(missing="grade missing")


def _by_level(match: PatternMatch, context: TextContext) -> Shares:
    if not context.level:
        return Shares(missing="level missing")
    return Shares(1.0 if context.level == "red" else _percent(match), 1.0)


def _stage_share(match: PatternMatch, context: TextContext) -> Shares:
    stage = threshold_stage(match)
    share = context.stage_share_up_to(stage)
    return Shares(share, 1.0, stage=stage, missing="" if share is not None else "share of these stages missing")


def _stage_only(match: PatternMatch, context: TextContext) -> Shares:
    share = context.values.get(f"stage_share_{match.pattern.stage}")
    return Shares(share, match.pattern.cut_share, missing="" if share is not None else "share of this stage missing")


def _stage_share_cap(match: PatternMatch, context: TextContext) -> Shares:
    shares = [context.value(ListContext.STAGE_SHARE_IV), context.value(ListContext.STAGE_SHARE_V)]
    known = [share for share in shares if share is not None]
    if not known:
        return Shares(None, 1.0, missing="share of these stages missing")
    return Shares(max(0.0, sum(known) - _percent(match)), 1.0)


def _site_stage(match: PatternMatch, context: TextContext) -> Shares:
    if context.is_key_project:
        return Shares(0.0, 1.0)
    if not context.site_stage:
        return Shares(None, 1.0, missing="stage of the site missing")
    return Shares(1.0 if match.pattern.site_stage_word in context.site_stage else 0.0, 1.0)


def _washing(match: PatternMatch, context: TextContext) -> Shares:
    more, efficiency = match.figure("count"), context.value(ListContext.WASHING_EFFICIENCY_SHARE)
    if more is None or efficiency is None:
        return Shares(1.0, None, missing="efficiency of one washing missing")
    return Shares(1.0, 1 - (1 - efficiency) ** more)


def _two_shares(match: PatternMatch, _: TextContext) -> Shares:
    percent = match.figure("percent") or 0
    return Shares(missing="state of treatment or material missing", readings=(f"{percent:g} %", "100 %"))


def _lines_or_load(match: PatternMatch, context: TextContext) -> Shares:
    lines = _lines_percent(match, context).affected
    read_as_lines = f"lines: {lines:.4g} stopped" if lines is not None else "lines: their number is missing"
    return Shares(missing="lines or load", readings=(read_as_lines, f"load: cut of {_percent(match):.4g}"))


def threshold_stage(match: PatternMatch) -> EmissionStage:
    """The newest stage that a vehicle measure stops, from its text or its pattern."""
    allowed = match.captured.get("stage_allowed", "")
    stage = meaning(ListWordRole.STAGE, allowed or match.captured.get("stage", ""))
    newest = EmissionStage(stage or match.pattern.stage)
    return STAGES[STAGES.index(newest) - 1] if allowed else newest


def window_text(match: PatternMatch) -> str:
    """The hours of day as HH-HH; empty when the text has none."""
    start, end = match.figure("from_hour"), match.figure("to_hour")
    return "" if start is None or end is None else f"{start:02.0f}-{end:02.0f}"


def _window_hours(match: PatternMatch) -> float | None:
    """Hours of a window of the day, over midnight too; zero where it ends at the hour in which it starts."""
    start, end = match.figure("from_hour"), match.figure("to_hour")
    if start is None or end is None or max(start, end) > HOURS_PER_DAY:
        return None
    return HOURS_PER_DAY if end - start == HOURS_PER_DAY else (end - start) % HOURS_PER_DAY


def _percent(match: PatternMatch) -> float:
    return (match.figure("percent") or 0.0) * PER_PERCENT


def _line_count(context: TextContext) -> int | None:
    count = context.value(ListContext.LINE_COUNT)
    return int(count) if count is not None and count >= 1 and count == int(count) else None


FORMULAS: dict[str, Callable[[PatternMatch, TextContext], Shares]] = {
    ShareFormula.FIXED: _fixed,
    ShareFormula.LINES_PERCENT: _lines_percent,
    ShareFormula.OUTPUT_PERCENT: _output_percent,
    ShareFormula.LOAD_LEFT: _load_left,
    ShareFormula.CONCENTRATION_SHARE: _concentration_share,
    ShareFormula.LINES_COUNT: _lines_count,
    ShareFormula.NAMED_LINE: _named_line,
    ShareFormula.SIZE_SHARE: _size_share,
    ShareFormula.LINES_FRACTION: _lines_fraction,
    ShareFormula.LINES_LEFT: _lines_left,
    ShareFormula.TARGET_OF_BASE: _target_of_base,
    ShareFormula.INTERVAL_BY_HEIGHT: _interval_by_height,
    ShareFormula.INTERVAL_LONGER: _interval_longer,
    ShareFormula.UNITS_PERCENT: _units_percent,
    ShareFormula.STOP_RUN_CYCLE: _stop_run_cycle,
    ShareFormula.HOURS_OF_DAY: _hours_of_day,
    ShareFormula.HOURS_OF_PROCESS: _hours_of_process,
    ShareFormula.KEEP_HOT: _keep_hot,
    ShareFormula.PROCESS_SHARE: _process_share,
    ShareFormula.PERCENT_IF_TREATED: _two_shares,
    ShareFormula.LINES_PERCENT_IF_WATER_BASED: _two_shares,
    ShareFormula.LOAD_CAP: _load_cap,
    ShareFormula.ROTATION: _rotation,
    ShareFormula.BY_PLACE: _by_place,
    ShareFormula.BY_GRADE: _by_grade,
    ShareFormula.BY_LEVEL: _by_level,
    ShareFormula.STAGE_SHARE: _stage_share,
    ShareFormula.STAGE_ONLY: _stage_only,
    ShareFormula.STAGE_SHARE_CAP: _stage_share_cap,
    ShareFormula.SITE_STAGE: _site_stage,
    ShareFormula.WASHING: _washing,
    ShareFormula.LINES_OR_LOAD: _lines_or_load,
}
