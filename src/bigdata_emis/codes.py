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


class Method(StrEnum):
    """Codes of the list method."""

    MEASURED = "measured"
    MODELLED = "modelled"
    PROFILE = "profile"
    CORRECTED = "corrected"
    UNCONTROLLED = "uncontrolled"
    NONE = "none"


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
    INVALID_STATUS = "invalid_status"
    NO_TIME = "no_time"
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
    REFERENCE = "reference"


class AuditStatus(StrEnum):
    """Codes of the list audit status."""

    SETTLED = "settled"
    CONTRADICTS = "contradicts"
    INCOMPLETE = "incomplete"
    NOTHING_TO_MOVE = "nothing_to_move"
    NOT_EMITTED = "not_emitted"
    RECONCILED = "reconciled"
    IRRECONCILABLE = "irreconcilable"


class ChangeFactor(StrEnum):
    """Codes of the list change factor."""

    ACTIVITY = "activity"
    STRUCTURE = "structure"
    INTENSITY = "intensity"
    CONTROL = "control"


class AssociationReason(StrEnum):
    """Codes of the list association reason."""

    FEW_PAIRS = "few_pairs"


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
