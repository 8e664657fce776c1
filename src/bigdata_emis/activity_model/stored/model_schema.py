"""Schema of stored models: whether the parameters hold all that a prediction of their form reads, with valid numbers.

Belongs here: what each form must hold, so that no prediction by it can fail; other keys are allowed.
Does not: reading the text (parameters), prediction (predict).
"""

import itertools
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.activity_model.forms.boosted_predict import check_trees
from bigdata_emis.activity_model.forms.linear import HOURS_PER_WEEK, count_terms

MAX_MAGNITUDE = 1e100
"""Largest number of a stored model: a product of three is still finite, so no load makes an estimate infinite."""
MAX_REASON = 200
"""Length of a reason in characters: a stored text may hold anything."""


def check_model(parameters: dict[str, Any]) -> None:
    """Accept parameters with which a prediction works, whatever the hours.

    Raises:
        ValueError: what its form needs and the parameters do not hold.
    """
    try:
        _STORED_MODEL.validate_python(parameters)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = ".".join(map(str, first["loc"]))
        raise ValueError(f"at {keys or 'form'}: {first['msg']}"[:MAX_REASON]) from None


def _require_ascending(values: list[float]) -> list[float]:
    if any(after < before for before, after in itertools.pairwise(values)):
        raise ValueError("numbers are not in ascending order")
    return values


def _unwrap(value: Any) -> Any:
    """A single pair may be stored inside a list."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list) else value


def _wrap(value: Any) -> Any:
    """A list of one pair may be stored as the pair."""
    return [value] if isinstance(value, list) and not (value and isinstance(value[0], list)) else value


_Number = Annotated[float, Field(ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)]
_NotNegative = Annotated[float, Field(ge=0, le=MAX_MAGNITUDE, allow_inf_nan=False)]
_Ascending = Annotated[list[_Number], AfterValidator(_require_ascending)]
_Pair = Annotated[list[_Number], Field(min_length=2, max_length=2), AfterValidator(_require_ascending)]
_SinglePair = Annotated[_Pair, BeforeValidator(_unwrap)]


class _Stored(BaseModel):
    """An object of the stored text; strict: no text counts as a number, and no number as a truth value."""

    model_config = ConfigDict(strict=True)


class _Interval(_Stored):
    edges: _Ascending
    running: Annotated[list[_Pair], BeforeValidator(_wrap)]
    starting: _SinglePair

    @model_validator(mode="after")
    def _has_a_pair_for_each_bin(self) -> Self:
        if len(self.running) != len(self.edges) + 1:
            raise ValueError(f"running needs {len(self.edges) + 1} pairs, one more than there are edges")
        return self


class _Drift(_Stored):
    drift_share: _NotNegative
    latest_hour: Annotated[int, Field(ge=0, le=10**9)]


class _RunningMinutes(_Stored):
    most_r2: Annotated[float, Field(ge=0, lt=1)]


class _Maxima(_Stored):
    activity: _NotNegative
    energy_kwh: _NotNegative


class _Model(_Stored):
    """What every model may hold: its covariates, and the range of training loads."""

    covariates: dict[str, _Number] = {}
    taught_kwh: _SinglePair | None = None

    @model_validator(mode="after")
    def _has_a_range_of_loads(self) -> Self:
        if "taught_kwh" not in self.model_fields_set:
            return self
        # Loads beyond the largest are extrapolated in proportion to it, so it must not be zero.
        if self.taught_kwh is None or self.taught_kwh[0] < 0 or self.taught_kwh[1] < 1 / MAX_MAGNITUDE:
            raise ValueError("taught_kwh is not a range of loads")
        return self


class _Bounded(_Stored):
    """The training maxima, which bound a prediction."""

    most: _Maxima = _Maxima(activity=0.0, energy_kwh=0.0)


class _LineModel(_Model, _Bounded):
    """What the models of lines have in common: training maxima, and the residuals of the interval."""

    interval: _Interval
    interval_alone: _Interval | None = None
    level_drift: _Drift = _Drift(drift_share=0.0, latest_hour=0)
    running_minutes: _RunningMinutes = _RunningMinutes(most_r2=0.0)

    @model_validator(mode="after")
    def _has_covariates_if_it_has_an_interval_without(self) -> Self:
        if "interval_alone" in self.model_fields_set and (
            self.interval_alone is None or "covariates" not in self.model_fields_set
        ):
            raise ValueError("interval_alone needs an interval, and covariates")
        return self


class _Profile(_Bounded):
    form: Literal["static_profile"]
    mean_by_hour_of_week: Annotated[list[_Number], Field(min_length=HOURS_PER_WEEK, max_length=HOURS_PER_WEEK)]


class _Proportional(_Bounded):
    form: Literal["proportional"]
    activity_per_kwh: _Number


class _Linear(_Bounded):
    form: Literal["affine", "piecewise", "start", "ramp"]
    knots_kwh: _Ascending
    coefficients: list[_Number]

    @model_validator(mode="after")
    def _has_all_coefficients(self) -> Self:
        needed = count_terms(self.form, len(self.knots_kwh))
        if len(self.coefficients) != needed:
            raise ValueError(f"coefficients holds {len(self.coefficients)} numbers, expected {needed}")
        return self


class _Trees(_Stored):
    nodes: str
    threshold: list[_Number]
    leaf_millionths: list[_Number]


class _StoredPart(_Stored):
    """Trees and the simple form whose residuals they correct; its name is a key of the part."""

    base: Annotated[_Profile | _Proportional | _Linear, Field(discriminator="form")]
    asks_beside: bool
    trees: _Trees

    @model_validator(mode="before")
    @classmethod
    def _name_the_base(cls, part: Any) -> Any:
        if not isinstance(part, dict) or not isinstance(part.get("base"), dict):
            raise ValueError("not a part with a base")
        return {**part, "base": {**part["base"], "form": part.get("form")}}


class _Boosted(_LineModel):
    form: Literal["boosted", "boosted_weather"]
    covariates: dict[str, _Number]
    features: list[str]
    scale: Annotated[_NotNegative, Field(gt=0)]
    parts: Annotated[list[_StoredPart], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_trees_on_its_features(self) -> Self:
        if self.features != [*FEATURES, *self.covariates]:
            raise ValueError("features: the trees use other features than this version computes")
        if all(part.asks_beside for part in self.parts):
            raise ValueError("parts: every part uses covariates, expected at least one that does not")
        feature_counts = [len(self.features) if part.asks_beside else len(FEATURES) for part in self.parts]
        check_trees([vars(part.trees) for part in self.parts], feature_counts)
        return self


class _LineProfile(_Profile, _LineModel): ...


class _LineProportional(_Proportional, _LineModel): ...


class _LineLinear(_Linear, _LineModel): ...


class _Pooled(_Model):
    form: Literal["pooled"]
    activity_per_kwh: _NotNegative
    lower_relative: _NotNegative
    upper_relative: _NotNegative
    expected_over_typical: _NotNegative = 1.0
    activity_unit_code: Annotated[str, Field(min_length=1)]


_STORED_MODEL: TypeAdapter[Any] = TypeAdapter(
    Annotated[_LineProfile | _LineProportional | _LineLinear | _Boosted | _Pooled, Field(discriminator="form")]
)
