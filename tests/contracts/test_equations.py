"""Equations balance: names are declared fields, each cites a source, and units agree for every kind of value."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pint
import pytest

from bigdata_emis import schema
from bigdata_emis.settings import PACKAGE

MODULES = sorted(
    path.stem for path in (PACKAGE / "equations").glob("*.py") if path.stem not in ("__init__", "functions")
)
UNITS = pint.UnitRegistry()
EXAMPLES = {
    "energy_kwh": 80.0,
    "reference_energy_kwh": 100.0,
    "base_load_share": 0.1,
    "power_elasticity": 0.8,
    "speed_km_per_h": 40.0,
    "free_speed_km_per_h": 70.0,
    "air_temperature_degc": 20.0,
    "dew_point_degc": 9.0,
    "concentration_ug_per_m3": 50.0,
    "lower_breakpoint_ug_per_m3": 35.0,
    "upper_breakpoint_ug_per_m3": 75.0,
    "lower_iaqi": 50.0,
    "upper_iaqi": 100.0,
    "baseline_emission_g": 10.0,
    "emission_g": 4.0,
}


def _equations() -> list[Any]:
    equations = []
    for name in MODULES:
        module = importlib.import_module(f"bigdata_emis.equations.{name}")
        functions = inspect.getmembers(module, inspect.isfunction)
        equations += [
            pytest.param(f, id=f"{name}.{n}")
            for n, f in functions
            if not n.startswith("_") and f.__module__ == module.__name__
        ]
    return equations


def _examples(equation: Callable[..., Any]) -> dict[str, float]:
    given = {}
    for name, parameter in inspect.signature(equation).parameters.items():
        share = 0.25 if name.endswith("_share") else 2.0
        given[name] = EXAMPLES.get(name, share) if parameter.default is parameter.empty else parameter.default
    return given


def _unit(name: str) -> Any:
    declared = schema.field(name).unit
    if declared == "degree_Celsius":
        return UNITS.delta_degree_Celsius
    return UNITS.Unit("" if declared in ("", "1") else declared)


@pytest.mark.parametrize("equation", _equations())
def test_parameters_and_name_are_declared_fields(equation: Callable[..., Any]):
    names = [equation.__name__, *inspect.signature(equation).parameters]
    assert [name for name in names if name not in schema.fields()] == []


@pytest.mark.parametrize("equation", _equations())
def test_equation_cites_its_source(equation: Callable[..., Any]):
    assert "Source:" in (equation.__doc__ or "")


@pytest.mark.parametrize("equation", _equations())
def test_quantities_in_declared_units_yield_the_declared_unit_and_the_same_number(equation: Callable[..., Any]):
    numbers = _examples(equation)
    quantities = {name: UNITS.Quantity(value, _unit(name)) for name, value in numbers.items()}
    result = UNITS.Quantity(equation(**quantities))
    assert result.to(_unit(equation.__name__)).magnitude == pytest.approx(equation(**numbers), rel=1e-12)


@pytest.mark.parametrize("equation", _equations())
def test_arrays_yield_what_numbers_yield(equation: Callable[..., Any]):
    numbers = _examples(equation)
    arrays = {name: np.full(3, value) for name, value in numbers.items()}
    assert equation(**arrays) == pytest.approx(np.full(3, equation(**numbers)), rel=1e-12)


def test_columns_of_the_engine_yield_what_numbers_yield(spark: Any):
    from pyspark.sql import functions as F

    expected, columns = {}, []
    for number, parameter in enumerate(_equations()):
        equation = parameter.values[0]
        numbers = _examples(equation)
        expected[f"e{number}"] = equation(**numbers)
        columns.append(
            equation(**{n: F.lit(v) + F.col("zero") for n, v in numbers.items()}).cast("double").alias(f"e{number}")
        )
    row = spark.createDataFrame([(0.0,)], "zero double").select(*columns).collect()[0].asDict()
    assert row == pytest.approx(expected, rel=1e-12)


def test_equations_import_nothing_of_ours_but_equations():
    for name in (*MODULES, "functions"):
        module = importlib.import_module(f"bigdata_emis.equations.{name}")
        lines = [
            line for line in inspect.getsource(module).splitlines() if line.lstrip().startswith(("import ", "from "))
        ]
        ours = [line for line in lines if "bigdata_emis" in line and "bigdata_emis.equations" not in line]
        assert ours == []
