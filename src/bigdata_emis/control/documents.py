"""The JSON documents of the commands `emis recalc` and `emis alert`, as typed dictionaries.

Belongs here: the keys and types on which other programs rely, and what every reader has to see in them. Does not: how
the values are computed (recalculate, current_alert).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from bigdata_emis.codes import AlertLevel, BaseSource


class LedgerRow(TypedDict):
    """What a scenario cuts of one pollutant; without a target its share and verdict are empty.

    cut_share: potential ÷ base; added_kg: what a detour adds to the region, net_cut_share: less that, by which targets
    are judged, both empty without; achieved_share: achieved ÷ base and execution_share: achieved ÷ potential, empty
    until the achieved cut is known; called_level: what the forecasts called for, with its target; baseline_p05_kg and
    baseline_p95_kg: 90 % interval of a base that is projected, empty otherwise and where its error is not known;
    cut_p05_kg and cut_p95_kg: 90 % interval of the cut from the errors of the inventory, empty on projected days.
    """

    pollutant: str
    baseline_kg: float
    baseline_p05_kg: float | None
    baseline_p95_kg: float | None
    cut_kg: float
    cut_p05_kg: float | None
    cut_p95_kg: float | None
    cut_share: float
    added_kg: float | None
    net_cut_share: float | None
    target_share: float | None
    met: bool | None
    base_source: str
    achieved_share: float | None
    execution_share: float | None
    called_level: str | None
    called_target_share: float | None
    called_target_met: bool | None


class OrderParameters(TypedDict):
    """One order of an event that changes: from when, its level, and the list that replaces the one before, if any."""

    from_utc: str
    level: str
    measures: str


class ReboundParameters(TypedDict):
    """A rebound as it was asked, the inventory of the hours after the event, and a digest of what it rests on."""

    share: float
    hours: int
    inventory: dict[str, str]
    projected: list[str]
    basis_sha256: str


class DetourParameters(TypedDict):
    """A detour as it was asked; links: by closed link its group; receivers: of each group what part a link takes."""

    share: float
    classes: list[str]
    to: str
    links: NotRequired[dict[str, int]]
    receivers: NotRequired[list[dict[str, float]]]


class MovedParameters(TypedDict):
    """The options of a scenario that move emission."""

    rebound: NotRequired[ReboundParameters]
    detour: NotRequired[DetourParameters]


class ScenarioParameters(TypedDict):
    """Everything that decides the result of a recalculation.

    inputs: the version of each input table by local day; inventory: `draft` when they need not be published;
    in_force: scenarios whose cuts the inventory contains; outcomes: by such a scenario and day, the version of its
    emission without control; in_force_without_measures: of which the measures are not
    stored, so that percentages are of the inventory with their cut; projected: days that rest on recent ones; orders:
    of an event whose level or measures change; moved: rebound and detour, with what they rest on.
    """

    level: str
    from_utc: str
    to_utc: str
    measures_sha256: str
    measure_rows: int
    inputs: dict[str, dict[str, str]]
    inventory: NotRequired[str]
    in_force: NotRequired[list[str]]
    in_force_hours: NotRequired[dict[str, list[str]]]
    outcomes: NotRequired[dict[str, dict[str, str]]]
    in_force_without_measures: NotRequired[list[str]]
    projected: NotRequired[list[str]]
    orders: NotRequired[list[OrderParameters]]
    moved: NotRequired[MovedParameters]
    code_version: str


class MovedRow(TypedDict):
    """What becomes of the emission of one pollutant that a scenario moves, and in which hours."""

    kind: str
    outcome: str
    pollutant: str
    from_utc: str
    to_utc: str
    moved_kg: float


class OrderLedgerRow(TypedDict):
    """What one order cuts of one pollutant in its hours, against the target of its level."""

    pollutant: str
    baseline_kg: float
    cut_kg: float
    cut_share: float
    net_cut_share: float | None
    target_share: float | None
    met: bool | None


class OrderDocument(TypedDict):
    """One order of an event: its hours, its level, the list that it brought, and its ledger."""

    order: int
    level: str
    from_utc: str
    to_utc: str
    measures: str
    ledger: list[OrderLedgerRow]


class MeasureWithoutEffect(TypedDict):
    """A measure that cuts nothing, and a code of the list without_effect."""

    measure: str
    why: str


class UngradedSources(TypedDict):
    """Sources without a grade, which are counted as D; mass by pollutant."""

    sources: int
    emission_kg: dict[str, float]
    cut_kg: dict[str, float]


class AccountingCell(TypedDict):
    """One figure of the accounting table: cut of a row of sources, and its share of the whole society's emission."""

    row: str
    level: str
    pollutant: str
    cut_t: float
    cut_share: float | None


class AccountingDocument(TypedDict):
    """The accounting table of cuts at every level of the plan, with the emission of the whole society.

    ordered: of an event whose level or measures change what its orders cut together; their level is `ordered`.
    """

    base_t: dict[str, float]
    cells: list[AccountingCell]
    ordered: NotRequired[list[AccountingCell]]


def is_order_unknown(ledger: Sequence[Mapping[str, Any]]) -> bool:
    """Whether forecasts called for an alert in hours whose base is the inventory, so that an order may be in it."""
    return any(
        row.get("base_source") == BaseSource.INVENTORY and row.get("called_level") not in (None, AlertLevel.NONE)
        for row in ledger
    )


class ProjectionRecord(TypedDict):
    """The projected hours of a recalculation, and the published days on which they rest.

    left_out_days: recent days on which a scenario was in force; unregistered_sources: sources of recent days that the
    newest control basis does not have, and so left out; called_days: recent days with the level that was called on
    them although no order is stored.
    """

    from_utc: str
    to_utc: str
    hours: int
    days: list[str]
    recent_days: list[str]
    called_days: NotRequired[dict[str, str]]
    left_out_days: list[str]
    unregistered_sources: list[str]


class ReusedRows(TypedDict):
    """From which scenario rows of a day were taken, in pieces of the inventory."""

    day: str
    scenario: str
    pieces: int
    reused: int


class RecalculationDocument(TypedDict):
    """The document of `emis recalc`.

    complete_share: hours present ÷ hours asked, each weighted by the share of source-hours that its day has; a
    projected hour is present. hours_present counts those of the inventory only. projection: empty without such hours.
    mass_share_by_method, feed_capture_share: as the manifests of the published days state them; empty for a draft.
    without_effect: measures of the level that cut nothing; minor_road_fleet: the road class whose fleet is taken for
    roads that are no links.
    unpublished_days: computed, not published, and so left out; replaced_days: computed again since their publication.
    moved: emission that rebound and detour move, by outcome, where they were asked.
    is_new: whether nobody asked for the same before. reused: what was taken from stored scenarios, bit by bit the same.
    """

    scenario: str
    is_new: NotRequired[bool]
    simulated: NotRequired[bool]
    run: str
    region: str
    level: str
    from_utc: str
    to_utc: str
    seconds: float
    complete_share: float
    is_partial: bool
    hours_present: int
    hours_expected: int
    projection: ProjectionRecord | None
    mass_share_by_method: dict[str, dict[str, float]]
    feed_capture_share: dict[str, float]
    is_draft_inventory: bool
    days_without_inventory: list[str]
    unpublished_days: list[str]
    replaced_days: list[str]
    without_effect: list[MeasureWithoutEffect]
    ungraded_counted_as_d: UngradedSources
    minor_road_fleet: str | None
    ledger: list[LedgerRow]
    orders: NotRequired[list[OrderDocument]]
    moved: NotRequired[list[MovedRow]]
    accounting: NotRequired[AccountingDocument]
    files: list[str]
    reused: list[ReusedRows]
    parameters: ScenarioParameters


class ProcessDocument(TypedDict):
    """One process of the forecast: consecutive spells, at the highest of their levels."""

    level: str
    from_utc: datetime
    to_utc: datetime | None


class NoticeDocument(TypedDict):
    """Pollution outside the plans (dust, ozone, gas) with the index that it would have had."""

    cause: str
    index_aqi: int
    from_utc: datetime
    to_utc: datetime


class MembersDocument(TypedDict):
    """The members of the forecasts of a city: which levels they call for.

    call_share: by level, the share of members that call for it or for a higher one.
    """

    count: int
    lowest_level: str
    highest_level: str
    call_share: dict[str, float]


class CalledLevelDocument(TypedDict):
    """The level that forecasts call for; to_utc is empty when only the region can lift it."""

    level: str
    rule_version: str
    reason: str
    reason_zh: str
    from_utc: datetime | None
    to_utc: datetime | None
    is_temporary_control: bool
    processes: list[ProcessDocument]
    notices: list[NoticeDocument]


class CityAlertDocument(CalledLevelDocument):
    """The answer for one city, or for the region where the forecast is about it as a whole."""

    city: str
    members: MembersDocument


class AlertDocument(CalledLevelDocument):
    """The document of `emis alert`: the region has the level of its highest city.

    is_temporary_control: some city calls for it.
    """

    issued_utc: datetime
    region: str
    simulated: bool
    cities: list[CityAlertDocument]
