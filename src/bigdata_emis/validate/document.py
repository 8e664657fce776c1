"""The JSON document of `emis validate`: what every task reports, and what each adds.

Belongs here: key names and types; other programs rely on them. Does not: how the values are computed (the tasks),
or how they are drawn (page).
"""

from typing import Any, NotRequired, TypedDict


class SeriesScores(TypedDict):
    """Scores of one estimated series against its measured series."""

    r2: float
    nmb: float
    mae: float
    nmae: float
    coverage_90: float


class ClassTotals(TypedDict):
    """Scores of class probabilities over all rows."""

    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float


class ModelSummary(TypedDict):
    """Scores of one model, summarised over its units.

    `is_research` marks a model that is judged here but that no stage of the daily flow runs. `pooled_…` is over all
    values together rather than a median of units, `hourly_mae` the same for hourly means.
    """

    n: int
    median_r2: float | None
    share_r2_ge_075: float | None
    median_abs_nmb: float | None
    median_nmae: float | None
    coverage_90: float | None
    median_coverage_90: NotRequired[float]
    is_research: NotRequired[bool]
    accuracy: NotRequired[float]
    macro_f1: NotRequired[float]
    log_loss: NotRequired[float]
    calibration_error: NotRequired[float]
    exponent: NotRequired[float]
    pooled_r2: NotRequired[float]
    pooled_mae: NotRequired[float]
    pooled_nmae: NotRequired[float]
    hourly_mae: NotRequired[float]
    cross_validation: NotRequired[ClassTotals]


Models = dict[str, ModelSummary]


class UnitScores(SeriesScores):
    """Scores of one model on one unit: a line, a station and pollutant, a period, or a class."""

    id: str
    model: str
    n: int
    form: NotRequired[str]
    fit_n: NotRequired[int]
    is_counted: NotRequired[bool]
    period: NotRequired[str]
    pollutant: NotRequired[str]
    r2_mean_30_days: NotRequired[float]
    precision: NotRequired[float]
    recall: NotRequired[float]
    f1: NotRequired[float]


class ChartSeries(TypedDict):
    """One series of a chart.

    An ecdf has only x; a line may have `low` and `high`, drawn as a band.
    """

    name: str
    x: list[Any]
    y: NotRequired[list[Any]]
    low: NotRequired[list[Any]]
    high: NotRequired[list[Any]]
    color: NotRequired[str]


class Chart(TypedDict):
    """One chart of the page; `kind` is one of page.KINDS."""

    title_en: str
    title_zh: str
    kind: str
    series: list[ChartSeries]
    x_en: NotRequired[str]
    x_zh: NotRequired[str]
    y_en: NotRequired[str]
    y_zh: NotRequired[str]
    note_en: NotRequired[str]
    note_zh: NotRequired[str]
    x_min: NotRequired[float]
    x_max: NotRequired[float]
    y_min: NotRequired[float]
    y_max: NotRequired[float]
    is_wide: NotRequired[bool]


class ValidationDocument(TypedDict):
    """What every task reports; `hours` says which hours the scores are over."""

    task: str
    fit: list[int]
    score: list[int]
    champion: str
    hours: str
    models: Models
    units: list[UnitScores]
    plots: list[Chart]


class IdReason(TypedDict):
    """A unit with the reason why it was not scored."""

    id: str
    why: str


class WeakUnit(IdReason):
    """A unit with a low R², with the reasons."""

    r2: float


class UnknownMinutes(TypedDict):
    """A unit whose running minutes its load does not show; `most_r2` bounds any model of its own load in fit years."""

    id: str
    r2: float
    most_r2: float
    edge_share: float


class GivenUp(TypedDict):
    """In how many units a candidate was dominated, by form."""

    note: str
    units: dict[str, int]


class NysDocument(ValidationDocument):
    """New York units.

    `modes` is by mode and model, `other_hours` by choice of hours, mode and model.
    """

    mode: str
    load_ahead_h: int
    siblings: str
    truth_late_days: NotRequired[int]
    modes: dict[str, Models]
    other_hours: dict[str, dict[str, Models]]
    chosen_forms: dict[str, int]
    given_up: GivenUp
    weak: list[WeakUnit]
    minutes_unknown: list[UnknownMinutes]
    not_scored: list[IdReason]
    rows_unusable: dict[str, int]


class PlantClass(TypedDict):
    """Scores of plants left out, of one fuel, pollutant and driver, by model."""

    units: int
    plants: int
    chosen: list[str]
    models: dict[str, dict[str, float | int]]


class FuelTotal(TypedDict):
    """Total of one fuel, pollutant and driver; `estimated_t` sums expected factors, `typical_t` medians."""

    fuel: str
    pollutant: str
    driver: str
    measured_t: float
    estimated_t: float
    bias_share: float
    bias_sd_share: float
    typical_t: float
    typical_bias_share: float
    class_mean_bias_share: float


class LeavePlantOut(TypedDict):
    """Factors of plants, or of all plants of a region, left out of the fit, by "fuel pollutant driver"."""

    year: int
    note: str
    pollutants: list[str]
    classes: dict[str, PlantClass]
    totals: list[FuelTotal]


class Transfer(TypedDict):
    """Factors of one pollutant and driver in another period; `chosen` is the model by fuel."""

    champion: str
    chosen: dict[str, str]
    models: Models
    units_new: int
    units: list[UnitScores]


class AvertDocument(ValidationDocument):
    """Emission factors of power units.

    `year_to_year` holds only `why_not` where a single year was given.
    """

    has_regional_load: dict[str, bool]
    leave_plant_out: LeavePlantOut
    leave_region_out: LeavePlantOut
    year_to_year: "dict[str, Transfer] | dict[str, str]"
    season_to_season: dict[str, Transfer]


class ReliabilityBin(TypedDict):
    """A tenth of the confidence: its mean, the share that came true, and the number of rows."""

    said: float
    came: float
    n: int


class SteelDocument(ValidationDocument):
    """Load types of a steel plant; `confusion` by labelled and by estimated class."""

    months: str
    note: str
    confusion: dict[str, dict[str, int]]
    reliability: list[ReliabilityBin]
    few_labels: dict[str, float]


class GasTurbineDocument(ValidationDocument):
    """Stack concentrations of a gas turbine; `late` by truth delay in rows and by pollutant."""

    known: str
    chosen: dict[str, dict[str, Any]]
    how_chosen: str
    late: dict[str, dict[str, dict[str, Any]]]


class BeijingDocument(ValidationDocument):
    """Deweathering of Beijing stations; `by_pollutant` by pollutant and model."""

    note: str
    by_pollutant: dict[str, Models]
    alerts: list[dict[str, Any]]
    associations: dict[str, list[dict[str, Any]]]


class TrafficDocument(ValidationDocument):
    """Hidden traffic: `what` is volume or speed, `hidden` the ISO weeks or sensors that were hidden."""

    mode: str
    what: str
    unit: str
    note: str
    hidden: list[str]
    rows_unusable: dict[str, int]
