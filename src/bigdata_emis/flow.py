"""The stages of the project: what each one reads and writes, in the order in which data flow.

Belongs here: names only, so that a DAG file can import it cheaply. Does not: any code of a stage.
The positional parameters of a stage are exactly its reads, and its results exactly its writes; a test checks both.
"""

from dataclasses import dataclass

from bigdata_emis.errors import InputError

SCHEDULES = ("setup", "day", "week", "month", "alert")


@dataclass(frozen=True)
class Stage:
    """One step of the flow: `verb/name.py`, its tables, and how it is run and checked.

    room: the folder of the verb in which the module lies, where it is not the verb's own.
    optional: reads that arrive as empty frames in a region that does not have them.
    frame: `spark` stages are given DataFrames of the engine, `arrow` stages Arrow tables, without an engine.
    schedule: one of SCHEDULES; the stages of a day and of a month write whole local days.
    lookback_days: days before the window whose rows the stage is given, too.
    rows_balance: rows of the first read = reading_count of the first write + rows of the second write.
    mass_balance: emission by pollutant is the same in the reads as in the write.
    """

    verb: str
    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    optional: tuple[str, ...] = ()
    feed: str = ""
    frame: str = "spark"
    schedule: str = "day"
    lookback_days: int = 0
    rows_balance: bool = False
    mass_balance: bool = False
    room: str = ""

    @property
    def module(self) -> str:
        """The module with the stage; the stages that collect differ only in their feed and share one."""
        room = f"{self.verb}.{self.room}" if self.room else self.verb
        return f"bigdata_emis.{room}.{'collect_feeds' if self.feed else self.name}"


def _tables(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _collect(feed: str, writes: str) -> Stage:
    return Stage("collect", f"collect_{feed}", (), (writes,), feed=feed, frame="arrow")


def _clean(feed: str, *others: str, optional: tuple[str, ...] = (), lookback_days: int = 0, room: str = "") -> Stage:
    return Stage(
        "clean",
        f"clean_{feed}",
        (f"{feed}_reading", *others),
        (f"{feed}_hourly", f"{feed}_quarantine"),
        optional=optional,
        lookback_days=lookback_days,
        rows_balance=True,
        room=room,
    )


REGISTRY_FILES = (
    "enterprise",
    "production_line",
    "meter",
    "meter_share",
    "stack",
    "emission_factor",
    "abatement_device",
    "audited_emission_monthly",
    "district_emission_annual",
    "road_link",
    "fleet_mix",
    "local_fleet",
    "traffic_restriction",
    "activity_area",
    "area_emission_annual",
    "machine",
    "vehicle_stock",
    "counted_area",
    "station",
    "measure",
    "transport_order",
)

STAGES = (
    Stage("collect", "register", (), REGISTRY_FILES, frame="arrow", schedule="setup"),
    Stage(
        "inventory",
        "grid",
        ("enterprise", "production_line", "road_link", "activity_area"),
        ("grid", "grid_weight"),
        frame="arrow",
        schedule="setup",
    ),
    _collect("power", "power_reading"),
    _collect("district_energy", "district_energy_reading"),
    _collect("measured_activity", "measured_activity_reading"),
    _collect("cems", "cems_reading"),
    _collect("signalling", "signalling_reading"),
    _collect("traffic", "traffic_reading"),
    _collect("truck", "truck_reading"),
    _collect("gate", "gate_reading"),
    _collect("area_activity", "area_activity_reading"),
    _collect("air_quality", "air_quality_reading"),
    _collect("weather", "weather_reading"),
    _collect("forecast", "air_quality_forecast"),
    _clean("district_energy", lookback_days=7),
    _clean(
        "power",
        *_tables("meter production_line meter_share enterprise district_energy_hourly"),
        optional=("district_energy_hourly",),
        lookback_days=7,
    ),
    _clean("measured_activity", "production_line"),
    _clean("cems", "stack", lookback_days=5),
    _clean("signalling"),
    _clean("truck", "road_link", room="vehicles"),
    _clean(
        "traffic",
        *_tables("road_link free_flow_volume signalling_hourly truck_hourly grid_weight"),
        optional=("signalling_hourly", "truck_hourly"),
        lookback_days=3,
    ),
    _clean("gate", "enterprise", room="vehicles"),
    _clean("area_activity", "activity_area", "counted_area", "input_limit", lookback_days=7),
    _clean("air_quality", "station", "station_rule", lookback_days=1),
    _clean("weather", "station"),
    Stage(
        "clean",
        "reconcile_energy",
        _tables(
            "power_hourly meter meter_share production_line enterprise district_energy_hourly energy_reconciliation"
        ),
        ("line_energy_hourly", "energy_balance_hourly"),
        optional=("district_energy_hourly",),
        frame="arrow",
        lookback_days=7,
    ),
    Stage(
        "clean",
        "substitute_cems",
        ("cems_hourly", "stack", "line_energy_hourly", "cems_substitution"),
        ("cems_legal_hourly",),
        optional=("line_energy_hourly",),
        frame="arrow",
        lookback_days=92,
    ),
    Stage(
        "relate",
        "train_activity",
        ("line_energy_hourly", "production_line", "measured_activity_hourly", "model_version", "weather_hourly"),
        ("model_version", "model_score"),
        optional=("model_version", "weather_hourly"),
        schedule="week",
    ),
    Stage(
        "relate",
        "watch_models",
        _tables("line_energy_hourly production_line measured_activity_hourly model_version model_watch weather_hourly"),
        ("model_watch",),
        optional=("model_watch", "model_version", "weather_hourly"),
        lookback_days=63,
    ),
    Stage(
        "inventory",
        "estimate_activity",
        _tables(
            "line_energy_hourly production_line model_version model_watch uncertainty_rating weather_hourly "
            "activity_parameter"
        ),
        ("activity_hourly",),
        optional=("model_version", "model_watch", "weather_hourly"),
        lookback_days=1,
    ),
    Stage(
        "inventory",
        "derive_factors",
        _tables(
            "cems_hourly stack activity_hourly fusion_parameter production_line enterprise emission_factor "
            "abatement_device audited_emission_monthly district_emission_annual industrial_emission_factor "
            "control_efficiency particle_size_share condensable_pm uncertainty_rating pollutant_part"
        ),
        ("derived_factor", "class_factor"),
        schedule="week",
    ),
    Stage(
        "inventory",
        "emit_industry",
        _tables(
            "activity_hourly production_line line_energy_hourly emission_factor derived_factor class_factor "
            "abatement_device stack industrial_emission_factor control_efficiency particle_size_share condensable_pm "
            "abatement_rule uncertainty_rating pollutant_part"
        ),
        ("emission_modelled_hourly",),
        optional=("derived_factor", "class_factor"),
        lookback_days=7,
    ),
    Stage(
        "inventory",
        "fuse_monitors",
        _tables(
            "emission_modelled_hourly cems_hourly stack line_energy_hourly production_line uncertainty_rating "
            "fusion_parameter pollutant_part"
        ),
        ("emission_fused_hourly",),
        optional=("cems_hourly",),
        lookback_days=14,
    ),
    Stage(
        "inventory",
        "settle_audit",
        ("emission_fused_hourly", "audited_emission_monthly", "error_correlation", "pollutant_part"),
        ("audit_settlement",),
        schedule="month",
    ),
    Stage(
        "inventory",
        "anchor_emission",
        ("emission_fused_hourly", "audit_settlement", "pollutant_part"),
        ("emission_industry_hourly",),
        optional=("audit_settlement",),
        frame="arrow",
    ),
    Stage(
        "inventory",
        "emit_traffic",
        _tables(
            "traffic_hourly road_link fleet_mix local_fleet traffic_restriction calendar_period weather_hourly "
            "road_base_emission_factor road_speed_correction road_temperature_correction road_humidity_correction "
            "road_sulphur_correction road_fuel_sulphur road_deterioration_correction road_load_correction "
            "road_altitude_correction road_evaporation_factor road_wear_factor road_wear_speed_correction "
            "road_carbon_share activity_area"
        ),
        _tables(
            "emission_road_hourly emission_link_hourly emission_wear_hourly road_emission_factor_hourly "
            "traffic_restriction_ahead"
        ),
    ),
    Stage(
        "inventory",
        "emit_area",
        _tables(
            "activity_area area_emission_annual machine vehicle_stock counted_area area_activity_hourly "
            "area_temporal_profile calendar_period weather_hourly area_weather_response climate_normal traffic_hourly "
            "road_link area_traffic_response area_index_proxy nonroad_emission_factor machine_load "
            "road_evaporation_factor nonroad_fuel_emission_factor uncertainty_rating fleet_mix local_fleet "
            "traffic_restriction road_emission_factor_hourly pollutant_part"
        ),
        ("emission_area_hourly", "counted_emission"),
        optional=("area_activity_hourly", "weather_hourly", "traffic_hourly", "road_emission_factor_hourly"),
        lookback_days=7,
    ),
    Stage(
        "inventory",
        "combine",
        ("emission_industry_hourly", "emission_road_hourly", "emission_area_hourly", "uncertainty_rating"),
        ("emission_hourly",),
        optional=("emission_road_hourly", "emission_area_hourly"),
        mass_balance=True,
    ),
    Stage(
        "inventory",
        "allocate",
        ("emission_hourly", "grid_weight"),
        ("emission_gridded_hourly",),
        frame="arrow",
        mass_balance=True,
    ),
    Stage(
        "inventory",
        "total_emission",
        ("emission_hourly", "production_line", "enterprise", "activity_area", "error_correlation"),
        ("emission_total_hourly", "emission_total_daily", "emission_total_county_daily"),
        frame="arrow",
    ),
    Stage(
        "control",
        "control_basis",
        _tables("production_line enterprise activity_area road_link local_fleet traffic_restriction"),
        ("control_source",),
        frame="arrow",
    ),
    Stage(
        "publish",
        "publish",
        _tables("emission_hourly emission_gridded_hourly emission_total_hourly emission_total_daily pollutant_part"),
        ("published_version",),
        frame="arrow",
    ),
    Stage(
        "relate",
        "associate",
        _tables(
            "power_hourly meter production_line enterprise stack traffic_hourly signalling_hourly "
            "area_activity_hourly activity_area cems_hourly air_quality_hourly weather_hourly emission_total_hourly"
        ),
        ("association",),
        optional=_tables(
            "traffic_hourly signalling_hourly area_activity_hourly cems_hourly weather_hourly emission_total_hourly"
        ),
        lookback_days=59,
    ),
    Stage(
        "relate",
        "decompose",
        ("emission_hourly", "line_energy_hourly", "activity_hourly", "traffic_hourly", "road_link"),
        ("emission_change",),
        optional=("line_energy_hourly", "traffic_hourly"),
        lookback_days=7,
    ),
    Stage(
        "control",
        "expect_without_control",
        _tables("emission_hourly activity_hourly production_line scenario alert_event control_exclusion"),
        ("counterfactual_hourly",),
        optional=("activity_hourly", "scenario", "alert_event"),
        frame="arrow",
        schedule="alert",
        lookback_days=21,
    ),
    Stage(
        "control",
        "judge_compliance",
        _tables(
            "control_hourly emission_hourly counterfactual_hourly line_energy_hourly production_line meter stack "
            "cems_hourly scenario alert_event control_exclusion supervision_rule"
        ),
        ("compliance_hourly", "excess_hourly"),
        optional=("cems_hourly", "scenario", "alert_event"),
        frame="arrow",
        schedule="alert",
        lookback_days=21,
    ),
    Stage(
        "control",
        "achieve_cut",
        _tables("emission_hourly counterfactual_hourly control_hourly production_line activity_area error_correlation"),
        ("achieved_cut",),
        frame="arrow",
        schedule="alert",
    ),
)


def stage(name: str) -> Stage:
    """The stage of that name. Raises InputError when there is none."""
    for candidate in STAGES:
        if candidate.name == name:
            return candidate
    raise InputError(f"stage '{name}' is unknown", f"use one of {', '.join(s.name for s in STAGES)}")


def needed_for(name: str) -> frozenset[str]:
    """The stages without which a stage lacks a table, required or optional, and the stage itself."""
    writers = {table: s.name for s in STAGES for table in s.writes}
    needed: set[str] = set()
    open_names = {name}
    while open_names:
        needed |= open_names
        reads = {table for s in STAGES if s.name in open_names for table in s.reads}
        open_names = {writers[table] for table in reads if table in writers} - needed
    return frozenset(needed)


def is_analysis(candidate: Stage) -> bool:
    """Whether a stage of the day computes from tables what the published inventory does not need.

    Such a stage runs after publish, or its failure does not stop the day.
    """
    return candidate.schedule == "day" and not candidate.feed and candidate.name not in needed_for("publish")


def active(feeds: frozenset[str]) -> tuple[Stage, ...]:
    """The stages that run in a region with these feeds: those of which every required read is written."""
    written: set[str] = set()
    stages: list[Stage] = []
    writers = {table for s in STAGES for table in s.writes}
    for candidate in STAGES:
        required = {t for t in candidate.reads if t in writers and t not in candidate.optional}
        if (not candidate.feed or candidate.feed in feeds) and required <= written:
            stages.append(candidate)
            written.update(candidate.writes)
    return tuple(stages)


def edges(stages: tuple[Stage, ...] = STAGES) -> set[tuple[str, str]]:
    """Which stage waits for which, as pairs (upstream, downstream), derived from the tables alone."""
    writer = {table: s.name for s in stages for table in s.writes}
    return {(writer[table], s.name) for s in stages for table in s.reads if writer.get(table, s.name) != s.name}
