"""Every code of the code lists as an enumeration; a member is the text that tables hold.

Generated from schema/codes.csv by `python -m bigdata_emis.docgen.generated_files`: change the codes there.
Belongs here: nothing written by hand. Does not: titles in English and Chinese (`schema.codes()`).
"""

from enum import StrEnum


class Pollutant(StrEnum):
    """Codes of the list pollutant."""

    SO2 = "SO2"
    NOX = "NOx"
    NO2 = "NO2"
    O3 = "O3"
    CO = "CO"
    VOCS = "VOCs"
    PM10 = "PM10"
    PM2_5 = "PM2.5"
    NH3 = "NH3"
    BC = "BC"
    OC = "OC"
    CO2 = "CO2"
    PM = "PM"
    PM_CONDENSABLE = "PM_condensable"


class Sector(StrEnum):
    """Codes of the list sector."""

    STATIONARY_COMBUSTION = "stationary_combustion"
    INDUSTRIAL_PROCESS = "industrial_process"
    MOBILE = "mobile"
    SOLVENT_USE = "solvent_use"
    AGRICULTURE = "agriculture"
    DUST = "dust"
    BIOMASS_BURNING = "biomass_burning"
    STORAGE_TRANSPORT = "storage_transport"
    WASTE_TREATMENT = "waste_treatment"
    OTHER = "other"
    ALL = "all"


class AlertLevel(StrEnum):
    """Codes of the list alert level."""

    NONE = "none"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class AlertEvent(StrEnum):
    """Codes of the list alert event."""

    ISSUE = "issue"
    REGIONAL_PROMPT = "regional_prompt"
    TEMPORARY = "temporary"
    CHANGE = "change"
    LIFT = "lift"


class Grade(StrEnum):
    """Codes of the list grade."""

    A = "A"
    B = "B"
    B_MINUS = "B-"
    C = "C"
    D = "D"


class MeterRole(StrEnum):
    """Codes of the list meter role."""

    PRODUCTION = "production"
    ABATEMENT = "abatement"
    WHOLE_SITE = "whole_site"
    GENERATION = "generation"
    SELF_GENERATION = "self_generation"


class ActivityUnit(StrEnum):
    """Codes of the list activity unit."""

    T = "t"
    GJ = "GJ"
    KWH = "kWh"
    T_CO2 = "t_co2"
    M2_DAY = "m2_day"
    M2_YEAR = "m2_year"
    LTO = "lto"
    BERTH_H = "berth_h"
    FIRE = "fire"


class RoadClass(StrEnum):
    """Codes of the list road class."""

    MOTORWAY = "motorway"
    TRUNK = "trunk"
    PRIMARY = "primary"
    SECONDARY = "secondary"


class EmissionStage(StrEnum):
    """Codes of the list emission stage."""

    PRE = "PRE"
    I = "I"
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"
    VI = "VI"
    ALL = "all"


class Fuel(StrEnum):
    """Codes of the list fuel."""

    GASOLINE = "gasoline"
    DIESEL = "diesel"
    GAS = "gas"
    ELECTRIC = "electric"
    ALL = "all"


class FlowMethod(StrEnum):
    """Codes of the list flow method."""

    MEASURED = "measured"
    SPEED_FLOW = "speed_flow"
    FREE_FLOW = "free_flow"
    SPEED_FLOW_PHONES = "speed_flow_phones"
    FREE_FLOW_PHONES = "free_flow_phones"
    SPEED_FLOW_TRUCKS = "speed_flow_trucks"
    FREE_FLOW_TRUCKS = "free_flow_trucks"


class Method(StrEnum):
    """Codes of the list method."""

    MEASURED = "measured"
    MODELLED = "modelled"
    PROFILE = "profile"
    CORRECTED = "corrected"
    UNCONTROLLED = "uncontrolled"
    NONE = "none"
    WEATHER_SCALED = "weather_scaled"
    PROXY_SCALED = "proxy_scaled"
    TRAFFIC_SCALED = "traffic_scaled"
    COUNTED = "counted"


class Imputation(StrEnum):
    """Codes of the list imputation."""

    NONE = "none"
    INTERPOLATED = "interpolated"
    PROFILE = "profile"
    SCALED = "scaled"
    REFERENCE_STATE = "reference_state"
    UNREADABLE_MODEL = "unreadable_model"
    WITHOUT_WEATHER = "without_weather"
    WITHOUT_SIBLINGS = "without_siblings"
    UNKNOWN_MINUTES = "unknown_minutes"


class Flag(StrEnum):
    """Codes of the list flag."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    DUPLICATE = "duplicate"
    OUTLIER = "outlier"
    UNKNOWN_ID = "unknown_id"
    OUT_OF_WINDOW = "out_of_window"
    FUTURE = "future"
    OUT_OF_BOUNDS = "out_of_bounds"
    ABOVE_CAPACITY = "above_capacity"
    LATE = "late"
    GAP = "gap"
    PRIVACY = "privacy"
    RELEASED = "released"
    INVALID_STATUS = "invalid_status"
    CONSTANT = "constant"
    ZERO = "zero"
    PARTICLE_ORDER = "particle_order"
    NO_TIME = "no_time"
    WRONG_FACTOR = "wrong_factor"
    CLOCK_SHIFT = "clock_shift"
    TWIN = "twin"
    DRIFT = "drift"
    RECONCILED = "reconciled"
    TOTAL_CONTRADICTS = "total_contradicts"
    NO_TOTAL = "no_total"
    STANDBY = "standby"
    NIGHT_TARIFF = "night_tariff"
    SHARED_METER = "shared_meter"


class Averaging(StrEnum):
    """Codes of the list averaging."""

    CODE_1H = "1h"
    CODE_8H = "8h"
    CODE_24H = "24h"


class AssociationMethod(StrEnum):
    """Codes of the list association method."""

    PEARSON = "pearson"
    SPEARMAN = "spearman"
    GREY = "grey"
    PREWHITENED = "prewhitened"
    PARTIAL = "partial"
    MUTUAL_INFORMATION = "mutual_information"


class Industry(StrEnum):
    """Codes of the list industry."""

    INTEGRATED_STEEL = "integrated_steel"
    ELECTRIC_ARC_STEEL = "electric_arc_steel"
    FERROALLOY = "ferroalloy"
    COKING = "coking"
    LIME_KILN = "lime_kiln"
    FOUNDRY = "foundry"
    ALUMINA = "alumina"
    PRIMARY_ALUMINIUM = "primary_aluminium"
    CARBON = "carbon"
    COPPER_SMELTING = "copper_smelting"
    LEAD_ZINC_SMELTING = "lead_zinc_smelting"
    MOLYBDENUM_SMELTING = "molybdenum_smelting"
    SECONDARY_METALS = "secondary_metals"
    NONFERROUS_ROLLING = "nonferrous_rolling"
    CEMENT = "cement"
    BRICK_KILN = "brick_kiln"
    CERAMICS = "ceramics"
    REFRACTORIES = "refractories"
    GLASS = "glass"
    MINERAL_WOOL = "mineral_wool"
    FIBRE_REINFORCED_PLASTICS = "fibre_reinforced_plastics"
    WATERPROOFING = "waterproofing"
    REFINING_PETROCHEMICALS = "refining_petrochemicals"
    CARBON_BLACK = "carbon_black"
    NITROGEN_FERTILISER = "nitrogen_fertiliser"
    PHARMACEUTICALS = "pharmaceuticals"
    PESTICIDES = "pesticides"
    PAINTS = "paints"
    INKS = "inks"
    CELLULOSE_ETHER = "cellulose_ether"
    PACKAGING_PRINTING = "packaging_printing"
    WOOD_PANELS = "wood_panels"
    SYNTHETIC_LEATHER = "synthetic_leather"
    RUBBER_PRODUCTS = "rubber_products"
    SHOES = "shoes"
    FURNITURE = "furniture"
    VEHICLE_ASSEMBLY = "vehicle_assembly"
    MACHINERY_ASSEMBLY = "machinery_assembly"
    INDUSTRIAL_COATING = "industrial_coating"
    COAL_POWER = "coal_power"
    GAS_POWER = "gas_power"
    SINTER = "sinter"
    BLAST_FURNACE = "blast_furnace"
    STEEL_ROLLING = "steel_rolling"
    CEMENT_CLINKER = "cement_clinker"
    CEMENT_GRINDING = "cement_grinding"
    FLOAT_GLASS = "float_glass"
    INDUSTRIAL_BOILER = "industrial_boiler"
    CHEMICALS = "chemicals"
    OTHER_INDUSTRY = "other_industry"
    COAL_STEAM = "coal_steam"
    GAS_STEAM = "gas_steam"
    GAS_TURBINE = "gas_turbine"
    GAS_COMBINED_CYCLE = "gas_combined_cycle"
    GAS_ENGINE = "gas_engine"
    OIL_STEAM = "oil_steam"
    OIL_TURBINE = "oil_turbine"
    OIL_ENGINE = "oil_engine"
    WOOD_STEAM = "wood_steam"
    WASTE_STEAM = "waste_steam"
    RESIDENTIAL_COAL = "residential_coal"
    RESIDENTIAL_GAS = "residential_gas"
    CATERING = "catering"
    CONSTRUCTION_SITE = "construction_site"
    ROAD_DUST = "road_dust"
    BULK_YARD = "bulk_yard"
    BARE_SOIL = "bare_soil"
    NONROAD_MACHINERY = "nonroad_machinery"
    AGRICULTURAL_MACHINERY = "agricultural_machinery"
    PORT = "port"
    AIRPORT = "airport"
    RAIL = "rail"
    MINOR_ROAD = "minor_road"
    LIVESTOCK = "livestock"
    FERTILISER_USE = "fertiliser_use"
    OPEN_BURNING = "open_burning"
    RESIDENTIAL_BIOMASS = "residential_biomass"
    FILLING_STATION = "filling_station"
    DOMESTIC_SOLVENT = "domestic_solvent"
    ARCHITECTURAL_COATING = "architectural_coating"
    WASTE_WATER = "waste_water"
    SCATTERED_WORKSHOP = "scattered_workshop"
    OIL_POWER = "oil_power"
    PARKED_VEHICLES = "parked_vehicles"
    FIREWORKS = "fireworks"


class VehicleClass(StrEnum):
    """Codes of the list vehicle class."""

    LPV_MINI_SMALL = "LPV_mini_small"
    TAXI = "TAXI"
    MPV = "MPV"
    HPV = "HPV"
    BUS = "BUS"
    MINIT_LIGHTT = "MiniT_LightT"
    LIGHTT = "LightT"
    MEDIUMT = "MediumT"
    HEAVYT = "HeavyT"
    LOWSPEEDT = "LowSpeedT"
    THREEWHEEL = "ThreeWheel"
    MC = "MC"
    MOPED = "MOPED"
    ALL = "all"


class ParticleSize(StrEnum):
    """Codes of the list particle size."""

    COARSE = "coarse"
    MEDIUM = "medium"
    FINE = "fine"


class Rating(StrEnum):
    """Codes of the list rating."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class RuleAction(StrEnum):
    """Codes of the list rule action."""

    QUARANTINE = "quarantine"
    MARK = "mark"


class ProfileDimension(StrEnum):
    """Codes of the list profile dimension."""

    MONTH = "month"
    WEEKDAY = "weekday"
    HOUR = "hour"


class OperatingState(StrEnum):
    """Codes of the list operating state."""

    STOP = "stop"
    IDLE = "idle"
    PARTIAL = "partial"
    FULL = "full"


class EnergyMethod(StrEnum):
    """Codes of the list energy method."""

    METERED = "metered"
    IMPUTED = "imputed"
    SHARED = "shared"
    WHOLE_SITE = "whole_site"
    ALLOCATED = "allocated"
    PRIOR = "prior"


class EnergyBalance(StrEnum):
    """Codes of the list energy balance."""

    RECONCILED = "reconciled"
    EXCEEDED = "exceeded"
    UNEXPLAINED = "unexplained"
    NO_LINE = "no_line"


class ModelStatus(StrEnum):
    """Codes of the list model status."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    RESERVE = "reserve"
    RETIRED = "retired"
    FAILED = "failed"


class WatchStatus(StrEnum):
    """Codes of the list watch status."""

    STEADY = "steady"
    RECALIBRATED = "recalibrated"
    FALLEN_BACK = "fallen_back"
    DRIFTING = "drifting"
    UNREADABLE = "unreadable"


class WatchReason(StrEnum):
    """Codes of the list watch reason."""

    NONE = "none"
    ERROR = "error"
    COVERAGE = "coverage"
    BIAS = "bias"
    CARRIED = "carried"
    UNREADABLE = "unreadable"


class FactorSource(StrEnum):
    """Codes of the list factor source."""

    SOURCE_SPECIFIC = "source_specific"
    MONITOR = "monitor"
    LEARNT = "learnt"
    REFERENCE = "reference"


class AuditStatus(StrEnum):
    """Codes of the list audit status."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    INCOMPLETE = "incomplete"
    NOTHING_TO_MOVE = "nothing_to_move"
    NOT_EMITTED = "not_emitted"
    RECONCILED = "reconciled"
    IRRECONCILABLE = "irreconcilable"


class Mechanism(StrEnum):
    """Codes of the list mechanism."""

    ALL = "all"
    CB6 = "cb6"
    SAPRC07 = "saprc07"


class ProfileBasis(StrEnum):
    """Codes of the list profile basis."""

    OWN_PROFILE = "own_profile"
    SIMILAR_SOURCE = "similar_source"
    CLASS_DEFAULT = "class_default"
    NOT_SPECIATED = "not_speciated"
    CONTAINED = "contained"


class ChangeFactor(StrEnum):
    """Codes of the list change factor."""

    ACTIVITY = "activity"
    STRUCTURE = "structure"
    INTENSITY = "intensity"
    CONTROL = "control"


class AssociationReason(StrEnum):
    """Codes of the list association reason."""

    FEW_PAIRS = "few_pairs"
    OTHER_HOURS = "other_hours"


class ActivityBasis(StrEnum):
    """Codes of the list activity basis."""

    OWN_MODEL = "own_model"
    INDUSTRY_MODEL = "industry_model"
    REGISTERED_INTENSITY = "registered_intensity"


class ScenarioStatus(StrEnum):
    """Codes of the list scenario status."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    LIFTED = "lifted"
    REJECTED = "rejected"
    RETIRED = "retired"


class Authentication(StrEnum):
    """Codes of the list authentication."""

    COMMAND = "command"
    AIRFLOW = "airflow"
    API = "api"
    TIME_OUT = "time_out"


class RunStatus(StrEnum):
    """Codes of the list run status."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"


class MeasureKind(StrEnum):
    """Codes of the list measure kind."""

    STOP = "stop"
    STOP_LINES_SHARE = "stop_lines_share"
    LOAD_CUT_MIN = "load_cut_min"
    LOAD_TARGET = "load_target"
    LOAD_CUT = "load_cut"
    EMISSION_CUT = "emission_cut"
    EMISSION_CUT_POLLUTANT = "emission_cut_pollutant"
    CONCENTRATION_CAP = "concentration_cap"
    STOP_LINES_COUNT = "stop_lines_count"
    STOP_NAMED_LINE = "stop_named_line"
    STOP_NAMED_SIZE = "stop_named_size"
    STOP_FRACTION = "stop_fraction"
    KEEP_LINES = "keep_lines"
    ABSOLUTE_TARGET = "absolute_target"
    ABSOLUTE_HOURS = "absolute_hours"
    LOAD_FLOOR = "load_floor"
    COKING_TIME_BY = "coking_time_by"
    COKING_TIME_BY_HEIGHT = "coking_time_by_height"
    COKING_TIME_MIN = "coking_time_min"
    COKING_TIME = "coking_time"
    STOP_CHAMBERS = "stop_chambers"
    CYCLE = "cycle"
    TIME_WINDOW = "time_window"
    AFTER_HOURS = "after_hours"
    DAMP = "damp"
    KEEP_HOT = "keep_hot"
    HEATS_CAP = "heats_cap"
    PROCESS_STOP = "process_stop"
    STOP_UNITS_SHARE = "stop_units_share"
    CONDITIONAL = "conditional"
    UNIT_STOP = "unit_stop"
    FUEL_QUALITY = "fuel_quality"
    DISPATCH = "dispatch"
    TREATMENT = "treatment"
    SELF_CHOSEN = "self_chosen"
    NONE = "none"
    GUARANTEE = "guarantee"
    EXEMPT_IF = "exempt_if"
    ROTATION = "rotation"
    SEE_OTHER = "see_other"
    COPY = "copy"
    NO_BASE = "no_base"
    OFF_PEAK = "off_peak"
    GUARANTEE_PARTIAL = "guarantee_partial"
    BY_PLACE = "by_place"
    BY_GRADE = "by_grade"
    TRADE_STOP = "trade_stop"
    BY_LEVEL = "by_level"
    VEHICLE_BAN = "vehicle_ban"
    VEHICLE_SHARE = "vehicle_share"
    VEHICLE_ALLOW = "vehicle_allow"
    VEHICLE_SHARE_CAP = "vehicle_share_cap"
    VEHICLE_WINDOW = "vehicle_window"
    DETOUR = "detour"
    PLATE = "plate"
    NONROAD_STOP = "nonroad_stop"
    NONROAD_SHARE = "nonroad_share"
    SITE_STOP = "site_stop"
    SITE_PROCESS_STOP = "site_process_stop"
    COVER = "cover"
    WASHING = "washing"
    WATERING = "watering"
    BAN = "ban"
    NO_RESTART = "no_restart"
    NO_RISE = "no_rise"
    STOP_IF = "stop_if"


class ShareFormula(StrEnum):
    """Codes of the list share formula."""

    FIXED = "fixed"
    LINES_PERCENT = "lines_percent"
    PERSON = "person"
    OUTPUT_PERCENT = "output_percent"
    LOAD_LEFT = "load_left"
    CONCENTRATION_SHARE = "concentration_share"
    LINES_COUNT = "lines_count"
    NAMED_LINE = "named_line"
    SIZE_SHARE = "size_share"
    LINES_FRACTION = "lines_fraction"
    LINES_LEFT = "lines_left"
    TARGET_OF_BASE = "target_of_base"
    INTERVAL_BY_HEIGHT = "interval_by_height"
    INTERVAL_LONGER = "interval_longer"
    UNITS_PERCENT = "units_percent"
    STOP_RUN_CYCLE = "stop_run_cycle"
    HOURS_OF_DAY = "hours_of_day"
    HOURS_OF_PROCESS = "hours_of_process"
    KEEP_HOT = "keep_hot"
    PROCESS_SHARE = "process_share"
    PERCENT_IF_TREATED = "percent_if_treated"
    LINES_PERCENT_IF_WATER_BASED = "lines_percent_if_water_based"
    LOAD_CAP = "load_cap"
    ROTATION = "rotation"
    COPY = "copy"
    BY_PLACE = "by_place"
    BY_GRADE = "by_grade"
    BY_LEVEL = "by_level"
    STAGE_SHARE = "stage_share"
    STAGE_ONLY = "stage_only"
    STAGE_SHARE_CAP = "stage_share_cap"
    SITE_STAGE = "site_stage"
    WASHING = "washing"
    UNLESS_TREATED = "unless_treated"
    LINES_OR_LOAD = "lines_or_load"


class ListColumn(StrEnum):
    """Codes of the list list column."""

    APPROVER = "approver"
    COUNTY = "county"
    CREDIT_CODE = "credit_code"
    DAILY_OUTPUT = "daily_output"
    GRADE = "grade"
    GRADE_VALID_TO = "grade_valid_to"
    INDUSTRY = "industry"
    KEY_PROJECT = "key_project"
    LINE = "line"
    LINE_COUNT = "line_count"
    LIST_CODE = "list_code"
    LIST_YEAR = "list_year"
    NAME = "name"
    NOTE = "note"
    OTHER = "other"
    PERMIT_CODE = "permit_code"
    PERSONAL = "personal"
    ROW_NUMBER = "row_number"
    RUNNING_DAYS = "running_days"
    SITE_STAGE = "site_stage"
    SPARE_LINES = "spare_lines"
    TRUCK_TRIPS = "truck_trips"
    UNIT = "unit"


class ListWordRole(StrEnum):
    """Codes of the list list word role."""

    SHEET = "sheet"
    TOTAL_ROW = "total_row"
    NOTE_ROW = "note_row"
    UNKNOWN = "unknown"
    SEE_OTHER = "see_other"
    NEGATION = "negation"
    CONDITION = "condition"
    RANGE = "range"
    SECOND_MEASURE = "second_measure"
    SECOND_ORDER = "second_order"
    TIME_OF_DAY = "time_of_day"
    SECOND_TRANSPORT = "second_transport"
    STAGE_NAME = "stage_name"
    PART_NAME = "part_name"
    PART_OF_LINES = "part_of_lines"
    BESIDE_MEASURE = "beside_measure"
    SINGLE_UNIT = "single_unit"
    GRADE_NAME = "grade_name"
    FOLLOWS_EXEMPT = "follows_exempt"
    BARE_FIGURE = "bare_figure"
    BELOW_WITHOUT_INCL = "below_without_incl"
    EXEMPTION = "exemption"
    LEVEL = "level"
    MEASURE_HEADING = "measure_heading"
    NOT_MEASURE_HEADING = "not_measure_heading"
    LEVEL_ONLY_HEADING = "level_only_heading"
    POLLUTANT = "pollutant"
    EMISSION_HEADING = "emission_heading"
    PER_DAY = "per_day"
    PER_YEAR = "per_year"
    STAGE_HEADING = "stage_heading"
    YES_NO = "yes_no"
    MULTIPLE = "multiple"
    MASS = "mass"
    PERIOD = "period"
    FIGURE = "figure"
    STAGE = "stage"
    VEHICLE_CLASS = "vehicle_class"


class ListContext(StrEnum):
    """Codes of the list list context."""

    LINE_COUNT = "line_count"
    COKING_H = "coking_h"
    MAX_LOAD_SHARE = "max_load_share"
    LOAD_SHARE = "load_share"
    NORMAL_LOAD_SHARE = "normal_load_share"
    PROCESS_SHARE = "process_share"
    HEATS_PER_DAY = "heats_per_day"
    SULPHUR_PERCENT = "sulphur_percent"
    STAGE_SHARE_PRE = "stage_share_PRE"
    STAGE_SHARE_I = "stage_share_I"
    STAGE_SHARE_II = "stage_share_II"
    STAGE_SHARE_III = "stage_share_III"
    STAGE_SHARE_IV = "stage_share_IV"
    STAGE_SHARE_V = "stage_share_V"
    STAGE_SHARE_VI = "stage_share_VI"
    DAILY_OUTPUT_T = "daily_output_t"
    OVEN_HEIGHT_M = "oven_height_m"
    SIZE_IN_USE = "size_in_use"
    GROUP_COUNT = "group_count"
    KEEP_HOT_SHARE = "keep_hot_share"
    WASHING_EFFICIENCY_SHARE = "washing_efficiency_share"
    LIMIT_MG_PER_M3 = "limit_mg_per_m3"
    NORMAL_MG_PER_M3 = "normal_mg_per_m3"


class Guarantee(StrEnum):
    """Codes of the list guarantee."""

    LIVELIHOOD = "livelihood"
    HEAT = "heat"
    ORDERS = "orders"
    WASTE = "waste"
    STRATEGIC = "strategic"
    GREEN_LEADER = "green_leader"
    KEY_PROJECT = "key_project"
    SMALL = "small"


class ListItemStatus(StrEnum):
    """Codes of the list list item status."""

    ACCEPTED = "accepted"
    ASK_PERSON = "ask_person"
    REJECTED = "rejected"


class GradeSource(StrEnum):
    """Codes of the list grade source."""

    LINE = "line"
    ENTERPRISE = "enterprise"
    UNGRADED_AS_D = "ungraded_as_d"


class WithoutEffect(StrEnum):
    """Codes of the list without effect."""

    NO_SOURCE = "no_source"
    NO_VEHICLE = "no_vehicle"
    MORE_SPECIFIC = "more_specific"
    NOT_IN_WINDOW = "not_in_window"
    NO_EMISSION = "no_emission"


class CostSource(StrEnum):
    """Codes of the list cost source."""

    USER_TABLE = "user_table"
    EMISSION_PROXY = "emission_proxy"


class BaseSource(StrEnum):
    """Codes of the list base source."""

    INVENTORY = "inventory"
    COUNTERFACTUAL = "counterfactual"
    COUNTERFACTUAL_IN_PART = "counterfactual_in_part"
    RECONSTRUCTED = "reconstructed"
    RECONSTRUCTED_IN_PART = "reconstructed_in_part"
    MEASURES_UNKNOWN = "measures_unknown"
    PROJECTED = "projected"
    PROJECTED_IN_PART = "projected_in_part"


class AccountingRow(StrEnum):
    """Codes of the list accounting row."""

    DUST = "dust"
    INDUSTRY = "industry"
    MOTOR_VEHICLES = "motor_vehicles"
    OTHER = "other"
    WHOLE_SOCIETY = "whole_society"


class CounterfactualMethod(StrEnum):
    """Codes of the list counterfactual method."""

    FLAT = "flat"
    HOUR = "hour"
    DAY_TYPE = "day_type"
    RECENT = "recent"
    OBSERVED = "observed"


class Compliance(StrEnum):
    """Codes of the list compliance."""

    OBEYED = "obeyed"
    BREACHED = "breached"
    UNKNOWN = "unknown"
    NO_ORDER = "no_order"


class Evidence(StrEnum):
    """Codes of the list evidence."""

    ABOVE_ALLOWED_ENERGY = "above_allowed_energy"
    ABATEMENT_OFF = "abatement_off"
    ABATEMENT_LOW = "abatement_low"
    ABATEMENT_LATE = "abatement_late"
    ABATEMENT_EARLY_OFF = "abatement_early_off"
    ABATEMENT_IDLE = "abatement_idle"
    ABATEMENT_CONTRADICTS = "abatement_contradicts"
    STACK_CONTRADICTS = "stack_contradicts"
    METER_OFFLINE = "meter_offline"
    METER_READ_IN_PART = "meter_read_in_part"
    METER_STUCK = "meter_stuck"
    METER_REPLACED = "meter_replaced"
    FEW_NORMAL_DAYS = "few_normal_days"
    UNCLEAR = "unclear"
    BY_DAY = "by_day"
    RUNS_WHILE_SHUT = "runs_while_shut"
    STACK_OFFLINE = "stack_offline"
    NO_METER = "no_meter"
    SHARED_METER = "shared_meter"
    NOT_BY_POWER = "not_by_power"
    TOO_VARIABLE = "too_variable"
    BY_STACK_FLOW = "by_stack_flow"
    GRACE = "grace"


class BreachKind(StrEnum):
    """Codes of the list breach kind."""

    STOP_NOT_OBEYED = "stop_not_obeyed"
    CUT_NOT_OBEYED = "cut_not_obeyed"
    PARTLY_OBEYED = "partly_obeyed"
    LATE_START = "late_start"
    EARLY_RESTART = "early_restart"
    NIGHT_RUNNING = "night_running"
    ABATEMENT_OFF = "abatement_off"
    STARTED_UNANNOUNCED = "started_unannounced"
    STACK_CONTRADICTS = "stack_contradicts"
    METER_IN_DOUBT = "meter_in_doubt"


class Exclusion(StrEnum):
    """Codes of the list exclusion."""

    ALERT = "alert"
    HOLIDAY = "holiday"
    OFF_PEAK = "off_peak"
    EVENT = "event"


class CaseStatus(StrEnum):
    """Codes of the list case status."""

    OPEN = "open"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    EQUIPMENT_FAULT = "equipment_fault"
    CLOSED = "closed"
    SUPERSEDED = "superseded"


class ProfileSource(StrEnum):
    """Codes of the list profile source."""

    OWN = "own"
    OTHER_SECTOR = "other_sector"
    SECTOR_DEFAULT = "sector_default"


class CalendarKind(StrEnum):
    """Codes of the list calendar kind."""

    HOLIDAY = "holiday"
    ADJUSTED_WORKDAY = "adjusted_workday"
    SPRING_FESTIVAL = "spring_festival"
    HEATING_SEASON = "heating_season"
    OFF_PEAK_PRODUCTION = "off_peak_production"
    SCHOOL_HOLIDAY = "school_holiday"


class CalendarArea(StrEnum):
    """Codes of the list calendar area."""

    CHINA = "china"
    NORTH = "north"
    NORTH_EAST = "north_east"
    TRANSMISSION_CITIES = "transmission_cities"
    OWN = "own"


class DayType(StrEnum):
    """Codes of the list day type."""

    WORKDAY = "workday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class CalendarBasis(StrEnum):
    """Codes of the list calendar basis."""

    CALENDAR = "calendar"
    WEEKDAY = "weekday"


class CorrectionSource(StrEnum):
    """Codes of the list correction source."""

    REGION = "region"
    TABLE = "table"
    NEAREST_YEAR = "nearest_year"
    MEASURED = "measured"
    REFERENCE_STATE = "reference_state"
    NONE = "none"


class FleetDay(StrEnum):
    """Codes of the list fleet day."""

    WORKDAY = "workday"
    DAY_OFF = "day_off"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class FleetSource(StrEnum):
    """Codes of the list fleet source."""

    OWN_COUNTY = "own_county"
    OWN_CITY = "own_city"
    OWN_REGION = "own_region"
    USUAL = "usual"


class Cause(StrEnum):
    """Codes of the list cause."""

    FINE_PARTICLES = "fine_particles"
    COARSE_PARTICLES = "coarse_particles"
    OZONE = "ozone"
    GAS = "gas"
    CLEAN = "clean"
    UNKNOWN = "unknown"


class EffectBasis(StrEnum):
    """Codes of the list effect basis."""

    OWN = "own"
    SHARED = "shared"
    NO_OUTCOME = "no_outcome"
    BELOW_ERROR = "below_error"
    BEYOND_REACH = "beyond_reach"


class CutPart(StrEnum):
    """Codes of the list cut part."""

    TOTAL = "total"
    SECTOR = "sector"
    COUNTY = "county"
    MEASURE = "measure"


class EvaporationProcess(StrEnum):
    """Codes of the list evaporation process."""

    RUNNING = "running"
    PARKED = "parked"


class RoadProcess(StrEnum):
    """Codes of the list road process."""

    EXHAUST = "exhaust"
    TYRE_WEAR = "tyre_wear"
    BRAKE_WEAR = "brake_wear"
    ROAD_SURFACE_WEAR = "road_surface_wear"


class AnnualSource(StrEnum):
    """Codes of the list annual source."""

    REGISTERED_TOTAL = "registered_total"
    MACHINES = "machines"
    PARKED_VEHICLES = "parked_vehicles"
    MOVEMENTS = "movements"
    SCALED_WITH_COUNT = "scaled_with_count"
    LIMITED_BY_COUNT = "limited_by_count"


class NotCovered(StrEnum):
    """Codes of the list not covered."""

    ROAD_SILT = "road_silt"
    EVAPORATION_TEMPERATURE = "evaporation_temperature"
    TRAFFIC_FUEL = "traffic_fuel"
    TRAFFIC_NH3 = "traffic_nh3"


class MovedKind(StrEnum):
    """Codes of the list moved kind."""

    REBOUND = "rebound"
    DETOUR = "detour"


class MovedOutcome(StrEnum):
    """Codes of the list moved outcome."""

    ADDED = "added"
    OUTSIDE = "outside"
    OVER_CAPACITY = "over_capacity"
    CAPACITY_UNKNOWN = "capacity_unknown"
    NO_FREE_HOUR = "no_free_hour"
    NO_OPEN_LINK = "no_open_link"


class EdgeFault(StrEnum):
    """Codes of the list edge fault."""

    NONE = "none"
    NO_VEHICLE = "no_vehicle"
    BAD_PLACE = "bad_place"
    OFF_ROAD = "off_road"
    BAD_SPEED = "bad_speed"
    STANDING = "standing"


class GateDirection(StrEnum):
    """Codes of the list gate direction."""

    IN = "in"
    OUT = "out"
