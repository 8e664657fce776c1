"""A text measure as a structured one, or why a person has to read it. What cannot be read is never counted as 0.

Belongs here: splitting a cell, choosing the pattern, what makes a text unclear. Does not: the formulas
(share_formulas), checks between the rows of a list (list_checks).
"""

import re
from dataclasses import dataclass, replace

from bigdata_emis.codes import (
    EmissionStage,
    ListContext,
    ListItemStatus,
    ListWordRole,
    MeasureKind,
    ShareFormula,
    VehicleClass,
)
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_words import plain, tidy, with_digits
from bigdata_emis.control.emergency_list.measure_text.share_formulas import Shares, compute_shares, threshold_stage
from bigdata_emis.control.emergency_list.measure_text.text_context import STAGES, TextContext
from bigdata_emis.control.emergency_list.measure_text.text_patterns import (
    PatternMatch,
    TextPattern,
    match_text,
    other_reading,
)
from bigdata_emis.errors import shorten

SEPARATORS = re.compile("[;\uff1b\u3002\n\r]+")
RUNNING_NUMBER = re.compile(
    "[(\uff08]?(?P<digits>[0-9\uff10-\uff19]{1,2})[.\uff0e\u3001)\uff09](?![0-9\uff10-\uff19])"
    "|[(\uff08]?(?P<numeral>[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341])[\u3001)\uff09]"
    "|(?P<circled>[\u2460-\u2473])"
)
"""1. 1、 (1) 一、 (一) ①, in either width."""
COUNT_OF_LINES = re.compile("(\\d{1,4}|[一二两三四五六七八九十])[条台座套]")
LEVEL_NAME = re.compile("[黄橙红]色?")
NOT_WORD = re.compile(r"[^\w%?]|_")
OUTER_SIGNS = ",\uff0c\u3001 "
LONGEST_TEXT = 500
SEVERAL_IN_ONE = (
    MeasureKind.AFTER_HOURS,
    MeasureKind.BY_GRADE,
    MeasureKind.BY_LEVEL,
    MeasureKind.BY_PLACE,
    MeasureKind.CONDITIONAL,
    MeasureKind.COPY,
    MeasureKind.OFF_PEAK,
    MeasureKind.ROTATION,
)
"""Kinds whose one reading is of a text with several parts."""
COUNTED_STOPS = (MeasureKind.STOP, MeasureKind.STOP_LINES_COUNT)
LOAD_CUTS = (MeasureKind.LOAD_CUT, MeasureKind.LOAD_CUT_MIN)
WHOLE_PLANT = (MeasureKind.STOP, *LOAD_CUTS, MeasureKind.LOAD_TARGET)
WITH_HOURS = (MeasureKind.AFTER_HOURS, MeasureKind.CYCLE, MeasureKind.PLATE)
WITHOUT_OWN_CUT = (
    MeasureKind.BAN,
    MeasureKind.COPY,
    MeasureKind.COVER,
    MeasureKind.DETOUR,
    MeasureKind.DISPATCH,
    MeasureKind.FUEL_QUALITY,
    MeasureKind.NO_RESTART,
    MeasureKind.NO_RISE,
    MeasureKind.OFF_PEAK,
    MeasureKind.PLATE,
    MeasureKind.ROTATION,
    MeasureKind.TREATMENT,
    MeasureKind.WASHING,
    MeasureKind.WATERING,
)
"""Kinds of which words beside the measure change no share of a line."""
EXEMPTION_IS_READ = (MeasureKind.SITE_STOP, MeasureKind.SITE_PROCESS_STOP, MeasureKind.NONROAD_STOP)
"""Kinds whose share of what is left out comes from records of sites and machines."""
LONGEST_REST = 20
UNREADABLE_IF_NEGATED = (MeasureKind.EXEMPT_IF, MeasureKind.NONE, MeasureKind.NO_RESTART, MeasureKind.NO_RISE)


@dataclass(frozen=True)
class MeasureReading:
    """One measure of a text. An empty share is unknown. affected_range: both readings of an unclear share."""

    text: str
    pattern_id: str = ""
    kind: str = ""
    affected_share: float | None = None
    cut_share: float | None = None
    applied_cut_share: float | None = None
    base_value: float | None = None
    target_value: float | None = None
    base_unit: str = ""
    vehicle_class_code: str = ""
    stage_threshold_code: str = ""
    hours: str = ""
    after_h: float | None = None
    exemption: str = ""
    pollutants: tuple[str, ...] = ()
    status: str = ListItemStatus.ACCEPTED
    reason: str = ""
    readings: tuple[str, ...] = ()
    affected_range: str = ""
    is_share_from_records: bool = False

    @property
    def is_for_vehicles(self) -> bool:
        """Whether it is about vehicles, so that it never cuts the emission of a production line."""
        return bool(self.vehicle_class_code)


def split_measures(cell: str) -> list[str]:
    """The measures of a cell, as written: split at ; and 。, at line breaks, and at numbers 1, 2, 3 that count up."""
    pieces = SEPARATORS.split(_break_at_numbers(cell))
    return [piece for text in pieces if (piece := tidy(text).strip(OUTER_SIGNS))]


def _break_at_numbers(cell: str) -> str:
    """The cell with a line break for each running number; figures that do not count up from 1 stay."""
    parts, last, expected = [], 0, 1
    for hit in RUNNING_NUMBER.finditer(cell):
        begins = expected > 1 or not cell[: hit.start()].strip()
        if begins and _running_number(hit) == expected:
            parts.append(cell[last : hit.start()])
            last, expected = hit.end(), expected + 1
    return "\n".join([*parts, cell[last:]])


def _running_number(hit: re.Match[str]) -> int | None:
    if hit["numeral"]:
        word = list_words.meaning(ListWordRole.FIGURE, hit["numeral"])
        return int(word) if word else None
    return int(plain(hit["digits"] or hit["circled"]))


def read_measures(cell: str, context: TextContext) -> list[MeasureReading]:
    """Every measure of a cell; an empty cell is one measure that a person has to fill in.

    Where the cell orders two cuts of the whole plant, or an exemption follows that was not read, a person decides.
    """
    readings = [read_measure(text, context) for text in split_measures(cell) or [""]]
    whole = {reading.cut_share or 0.0 for reading in readings if _cuts_the_plant(reading)}
    if len(whole) > 1:
        reason = f"the cell orders several cuts of the plant: {', '.join(f'{share:g}' for share in sorted(whole))}"
        return [_without_shares(one, reason) if _cuts_the_plant(one) else one for one in readings]
    for number, reading in enumerate(readings[1:], start=1):
        is_limit = list_words.has(ListWordRole.FOLLOWS_EXEMPT, plain(reading.text))
        if is_limit and reading.status != ListItemStatus.ACCEPTED:
            before = readings[number - 1]
            readings[number - 1] = _without_shares(before, f"an exemption follows it: {shorten(reading.text)}")
    return readings


def _cuts_the_plant(reading: MeasureReading) -> bool:
    is_cut = reading.status == ListItemStatus.ACCEPTED and bool(reading.cut_share) and not reading.is_for_vehicles
    return is_cut and reading.kind in WHOLE_PLANT and not reading.hours


def read_measure(text: str, context: TextContext) -> MeasureReading:
    """The structure of one measure."""
    words = with_digits(plain(text))
    unread = MeasureReading(text=text, status=ListItemStatus.ASK_PERSON)
    if not words or list_words.has(ListWordRole.UNKNOWN, words):
        return replace(unread, reason="blank or a mark: unknown, not zero")
    if list_words.has(ListWordRole.BARE_FIGURE, words):
        return replace(unread, reason="figure without a word: unknown what it counts")
    if len(words) > LONGEST_TEXT:
        return replace(unread, text=text[:LONGEST_TEXT], reason=f"text of {len(words):,} characters")
    match = match_text(words)
    if match is None or match.pattern.kind == MeasureKind.SEE_OTHER:
        return _unmatched(unread, words, match)
    return _structure(text, words, match, context)


def _unmatched(unread: MeasureReading, words: str, match: PatternMatch | None) -> MeasureReading:
    if match is not None:
        reason = "refers to another text"
        return replace(unread, pattern_id=match.pattern.pattern_id, kind=match.pattern.kind, reason=reason)
    if list_words.has(ListWordRole.SEE_OTHER, words):
        return replace(unread, kind=MeasureKind.SEE_OTHER, reason="refers to another text")
    return replace(unread, reason="no measure that can be read in the text")


def _structure(text: str, words: str, match: PatternMatch, context: TextContext) -> MeasureReading:
    pattern, shares = match.pattern, compute_shares(match, context)
    reading = _with_shares(_frame(text, words, match), shares, pattern)
    if pattern.formula == ShareFormula.STAGE_SHARE:
        reading = _with_stage(reading, words, match, context, shares)
    doubt = _doubt(words, match) or _more_than_read(words, match, reading, context)
    if doubt:
        return _without_shares(reading, doubt)
    other = other_reading(words, match)
    if other is not None:
        pair = (f"{pattern.pattern_id} {pattern.kind}", f"{other.pattern.pattern_id} {other.pattern.kind}")
        return replace(_without_shares(reading, f"reads two ways: {pair[0]} or {pair[1]}"), readings=pair)
    return reading


def _frame(text: str, words: str, match: PatternMatch) -> MeasureReading:
    pattern = match.pattern
    left_out = list_words.find(ListWordRole.EXEMPTION, words)
    return MeasureReading(
        text=text,
        pattern_id=pattern.pattern_id,
        kind=pattern.kind,
        base_unit="",
        vehicle_class_code=_vehicle_classes(words, pattern),
        stage_threshold_code=pattern.stage,
        after_h=match.figure("after_h"),
        exemption=(left_out[1] if left_out else "") or pattern.exemption,
        pollutants=_pollutants(words, pattern),
        is_share_from_records=pattern.is_share_from_records,
    )


def _with_shares(reading: MeasureReading, shares: Shares, pattern: TextPattern) -> MeasureReading:
    applied = shares.applied if shares.applied is not None else _product(shares.affected, shares.cut)
    is_clear = not (shares.error or shares.doubt or shares.missing or pattern.is_person_needed)
    status = ListItemStatus.ACCEPTED if is_clear else ListItemStatus.ASK_PERSON
    return replace(
        reading,
        affected_share=shares.affected,
        cut_share=shares.cut,
        applied_cut_share=applied,
        base_value=shares.base,
        target_value=shares.target,
        base_unit=pattern.base_unit if shares.base is not None or shares.target is not None else "",
        stage_threshold_code=shares.stage or reading.stage_threshold_code,
        hours=shares.hours,
        status=ListItemStatus.REJECTED if shares.error else status,
        reason=shares.error or shares.doubt or shares.missing or _person_reason(pattern),
        readings=shares.readings,
    )


def _with_stage(
    reading: MeasureReading, words: str, match: PatternMatch, context: TextContext, shares: Shares
) -> MeasureReading:
    """Add the class that the row counts; `V以下` without 及 is stage IV and older, or V and older."""
    if context.counted_class and shares.affected is not None:
        reading = replace(reading, vehicle_class_code=context.counted_class)
    if not list_words.has(ListWordRole.BELOW_WITHOUT_INCL, words):
        return reading
    stage = threshold_stage(match)
    older = STAGES[STAGES.index(stage) - 1]
    pair = [context.stage_share_up_to(s) for s in (older, stage)]
    known = [share for share in pair if share is not None]
    return replace(
        reading,
        affected_share=None,
        applied_cut_share=None,
        affected_range=f"{known[0]:g}-{known[1]:g}" if len(known) == len(pair) else "",
        stage_threshold_code=f"{older} or {stage}",
        status=ListItemStatus.ASK_PERSON,
        reason=f"以下 without 及: is stage {stage} included",
        readings=(f"{older} and older", f"{stage} and older"),
    )


def _doubt(words: str, match: PatternMatch) -> str:
    if match.pattern.kind not in UNREADABLE_IF_NEGATED and list_words.has(ListWordRole.NEGATION, words):
        return "the text negates a stop"
    if list_words.has(ListWordRole.CONDITION, words):
        return "the measure is voluntary or conditional"
    if list_words.has(ListWordRole.RANGE, words):
        return "a range or an approximate figure"
    return ""


def _more_than_read(words: str, match: PatternMatch, reading: MeasureReading, context: TextContext) -> str:
    """What the text says beside its reading: another measure, hours, a stage of vehicles, another level."""
    first, after = match.span
    if _orders_another(f"{words[:first]}|{words[after:]}", match.pattern):
        return "the text orders more than one thing"
    if not reading.hours and match.pattern.kind not in WITH_HOURS and list_words.has(ListWordRole.TIME_OF_DAY, words):
        return "hours of the day that were not read"
    is_stage_read = reading.stage_threshold_code not in ("", EmissionStage.ALL)
    if not is_stage_read and list_words.has(ListWordRole.STAGE_NAME, words):
        return "a stage of vehicles that was not read"
    if match.pattern.kind in COUNTED_STOPS and _counts_other_lines(f"{words[:first]}|{words[after:]}", context):
        return "a number of lines beside the one that was read"
    if match.pattern.kind in LOAD_CUTS and _names_another_part(words[:first], context):
        return "a part of the plant, whose share of the emission is not known"
    grade = list_words.find(ListWordRole.GRADE_NAME, words)
    if grade and context.grade and grade[1].upper() != context.grade.upper()[:1]:
        return f"the text is about grade {grade[1]}"
    levels = [] if match.pattern.kind in SEVERAL_IN_ONE else list_words.meanings(ListWordRole.LEVEL, words)
    if len(levels) > 1 or (levels and context.level and levels != [context.level]):
        return f"the text is about level {' and '.join(levels)}"
    rest = _unread_rest(words, match, reading, context)
    return f"words beside the measure that were not read: {shorten(rest[:LONGEST_REST])}" if rest else ""


def _unread_rest(words: str, match: PatternMatch, reading: MeasureReading, context: TextContext) -> str:
    """What is beside a measure of a plant and is not among the words that change nothing; any of it may limit it."""
    kind, (first, after) = match.pattern.kind, match.span
    if reading.is_for_vehicles or kind in WITHOUT_OWN_CUT:
        return ""
    sides = zip((words[:first], words[after:]), match.pattern.example_sides, strict=True)
    rest = "|".join("" if side == of_example else side for side, of_example in sides)
    left_out = list_words.find(ListWordRole.EXEMPTION, rest) if kind in EXEMPTION_IS_READ else None
    rest = rest.replace(left_out[0], "") if left_out else rest
    for own in filter(None, (plain(context.line), _part_of_line(rest, context))):
        rest = rest.replace(own, "")
    rest = LEVEL_NAME.sub("", list_words.without(ListWordRole.BESIDE_MEASURE, rest, kind))
    return NOT_WORD.sub("", rest)


def _orders_another(rest: str, pattern: TextPattern) -> bool:
    """Whether the words around a reading order something too; with a stop of the plant its transport stops anyway."""
    if pattern.kind in SEVERAL_IN_ONE:
        return False
    is_transport = pattern.kind != MeasureKind.STOP and list_words.has(ListWordRole.SECOND_TRANSPORT, rest)
    is_order = pattern.kind in (*LOAD_CUTS, MeasureKind.LOAD_TARGET) and list_words.has(ListWordRole.SECOND_ORDER, rest)
    return is_transport or is_order or list_words.has(ListWordRole.SECOND_MEASURE, rest)


def _counts_other_lines(rest: str, context: TextContext) -> bool:
    """Whether the words around a stop speak of some of the lines, or count other lines than the plant has."""
    figures = [hit[1] for hit in COUNT_OF_LINES.finditer(rest)]
    counts = {float(figure) if figure.isdigit() else _numeral_value(figure) for figure in figures}
    return list_words.has(ListWordRole.PART_OF_LINES, rest) or bool(counts - {context.value(ListContext.LINE_COUNT)})


def _numeral_value(numeral: str) -> float:
    return float(list_words.meaning(ListWordRole.FIGURE, numeral) or 0)


def _names_another_part(words: str, context: TextContext) -> bool:
    """Whether words before a cut name a part of a plant that is not the line of the row."""
    part = list_words.find(ListWordRole.PART_NAME, words)
    return part is not None and part[0] not in plain(context.line)


def _part_of_line(words: str, context: TextContext) -> str:
    """The name of a part of a plant in a text that is the line of the row."""
    part = list_words.find(ListWordRole.PART_NAME, words)
    return part[0] if part and part[0] in plain(context.line) else ""


def _without_shares(reading: MeasureReading, reason: str) -> MeasureReading:
    return replace(
        reading,
        affected_share=None,
        cut_share=None,
        applied_cut_share=None,
        status=ListItemStatus.ASK_PERSON,
        reason=reason,
    )


def _person_reason(pattern: TextPattern) -> str:
    return "this kind of measure always needs a person" if pattern.is_person_needed else ""


def _product(affected: float | None, cut: float | None) -> float | None:
    if cut == 0:
        return 0.0
    return None if affected is None or cut is None else affected * cut


def _pollutants(words: str, pattern: TextPattern) -> tuple[str, ...]:
    """The pollutants of a cut in emission that the text names; those of the pattern else."""
    is_named = pattern.kind in (MeasureKind.EMISSION_CUT, MeasureKind.EMISSION_CUT_POLLUTANT)
    return tuple(list_words.meanings(ListWordRole.POLLUTANT, words)) if is_named else pattern.pollutants


def _vehicle_classes(words: str, pattern: TextPattern) -> str:
    """The classes of trucks that the text names; those of the pattern where it names none."""
    named = (
        list_words.meanings(ListWordRole.VEHICLE_CLASS, words) if VehicleClass.HEAVYT in pattern.vehicle_classes else []
    )
    return "+".join(named or pattern.vehicle_classes)
