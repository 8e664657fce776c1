-- Generated from src/bigdata_emis/schema by `python -m bigdata_emis.docgen.generated_files`;
-- a new database is created with these tables, and an older one is changed by the migrations.

-- activity areas and other area sources (活动区与面源): one area source of one sector

CREATE TABLE activity_area (
    region_id TEXT NOT NULL,
    activity_area_id TEXT NOT NULL,
    sector_code TEXT NOT NULL,
    industry_code TEXT NOT NULL,
    name_en TEXT,
    name_zh TEXT,
    city_name TEXT,
    county_id TEXT,
    geometry_wkt TEXT NOT NULL,
    CONSTRAINT pk_activity_area PRIMARY KEY (region_id, activity_area_id)
);

-- alerts (预警): one proposal of a level from the forecasts

CREATE TABLE alert (
    region_id TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    alert_level_code TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    note TEXT,
    note_zh TEXT,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    issued_utc TIMESTAMP WITH TIME ZONE,
    known_utc TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_alert PRIMARY KEY (region_id, alert_id)
);

-- audit trail (审计): one act of a person or a program

CREATE TABLE audit (
    region_id TEXT NOT NULL,
    record_number BIGINT NOT NULL,
    known_utc TIMESTAMP WITH TIME ZONE,
    actor TEXT,
    event TEXT,
    note TEXT,
    authentication_code TEXT,
    CONSTRAINT pk_audit PRIMARY KEY (region_id, record_number),
    CONSTRAINT ck_audit_record_number_minimum CHECK (record_number >= 0)
);

-- factors of classes by monitors, audits and totals (同类排放因子（监测、核定与总量）): one pollutant of one class of lines (industry, process, control, age, size), or of one audited line

CREATE TABLE class_factor (
    region_id TEXT NOT NULL,
    class_code TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    industry_code TEXT NOT NULL,
    activity_unit_code TEXT,
    factor_ratio DOUBLE PRECISION NOT NULL,
    factor_ratio_p05 DOUBLE PRECISION NOT NULL,
    factor_ratio_p95 DOUBLE PRECISION NOT NULL,
    class_factor_g_per_unit DOUBLE PRECISION NOT NULL,
    class_factor_g_per_unit_p05 DOUBLE PRECISION NOT NULL,
    class_factor_g_per_unit_p95 DOUBLE PRECISION NOT NULL,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    sample_count BIGINT NOT NULL,
    audit_count BIGINT NOT NULL,
    district_count BIGINT NOT NULL,
    log_error DOUBLE PRECISION NOT NULL,
    log_error_without DOUBLE PRECISION NOT NULL,
    is_used BOOLEAN NOT NULL,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_class_factor PRIMARY KEY (region_id, class_code, pollutant_code),
    CONSTRAINT ck_class_factor_factor_ratio_minimum CHECK (factor_ratio >= 0),
    CONSTRAINT ck_class_factor_factor_ratio_p05_minimum CHECK (factor_ratio_p05 >= 0),
    CONSTRAINT ck_class_factor_factor_ratio_p95_minimum CHECK (factor_ratio_p95 >= 0),
    CONSTRAINT ck_class_factor_class_factor_g_per_unit_minimum CHECK (class_factor_g_per_unit >= 0),
    CONSTRAINT ck_class_factor_class_factor_g_per_unit_p05_minimum CHECK (class_factor_g_per_unit_p05 >= 0),
    CONSTRAINT ck_class_factor_class_factor_g_per_unit_p95_minimum CHECK (class_factor_g_per_unit_p95 >= 0),
    CONSTRAINT ck_class_factor_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_class_factor_relative_sd_share_maximum CHECK (relative_sd_share <= 5),
    CONSTRAINT ck_class_factor_sample_count_minimum CHECK (sample_count >= 0),
    CONSTRAINT ck_class_factor_audit_count_minimum CHECK (audit_count >= 0),
    CONSTRAINT ck_class_factor_district_count_minimum CHECK (district_count >= 0),
    CONSTRAINT ck_class_factor_log_error_minimum CHECK (log_error >= 0),
    CONSTRAINT ck_class_factor_log_error_without_minimum CHECK (log_error_without >= 0)
);

-- emission factors derived from stack monitors (监测反算排放因子): one pollutant of one production line, from its valid monitor hours and its activity

CREATE TABLE derived_factor (
    region_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    emission_factor_g_per_unit DOUBLE PRECISION NOT NULL,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    sample_count BIGINT NOT NULL,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_derived_factor PRIMARY KEY (region_id, source_id, pollutant_code),
    CONSTRAINT ck_derived_factor_emission_factor_g_per_unit_minimum CHECK (emission_factor_g_per_unit >= 0),
    CONSTRAINT ck_derived_factor_emission_factor_g_per_unit_maximum CHECK (emission_factor_g_per_unit <= 1000000000),
    CONSTRAINT ck_derived_factor_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_derived_factor_relative_sd_share_maximum CHECK (relative_sd_share <= 5),
    CONSTRAINT ck_derived_factor_sample_count_minimum CHECK (sample_count >= 0)
);

-- annual emission of an industry in a district, with its activity (分地区行业年排放量): one pollutant of one industry in one district (of the power bureau, county or city) in one year, by a source other than this inventory

CREATE TABLE district_emission_annual (
    region_id TEXT NOT NULL,
    district_id TEXT NOT NULL,
    industry_code TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    reference_year BIGINT NOT NULL,
    annual_emission_t DOUBLE PRECISION NOT NULL,
    annual_activity DOUBLE PRECISION NOT NULL,
    activity_unit_code TEXT NOT NULL,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    source TEXT,
    CONSTRAINT pk_district_emission_annual PRIMARY KEY (region_id, district_id, industry_code, pollutant_code, reference_year),
    CONSTRAINT ck_district_emission_annual_reference_year_minimum CHECK (reference_year >= 1990),
    CONSTRAINT ck_district_emission_annual_reference_year_maximum CHECK (reference_year <= 2100),
    CONSTRAINT ck_district_emission_annual_annual_emission_t_minimum CHECK (annual_emission_t >= 0),
    CONSTRAINT ck_district_emission_annual_annual_emission_t_maximum CHECK (annual_emission_t <= 10000000000),
    CONSTRAINT ck_district_emission_annual_annual_activity_minimum CHECK (annual_activity >= 0),
    CONSTRAINT ck_district_emission_annual_annual_activity_maximum CHECK (annual_activity <= 1000000000000),
    CONSTRAINT ck_district_emission_annual_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_district_emission_annual_relative_sd_share_maximum CHECK (relative_sd_share <= 5)
);

-- versions of the emergency list (应急减排清单版本): one workbook with its valid dates

CREATE TABLE emergency_list_version (
    region_id TEXT NOT NULL,
    emergency_list_version_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    item_count BIGINT NOT NULL,
    personal_column_count BIGINT NOT NULL,
    sheets_json TEXT NOT NULL,
    CONSTRAINT pk_emergency_list_version PRIMARY KEY (region_id, emergency_list_version_id),
    CONSTRAINT ck_emergency_list_version_item_count_minimum CHECK (item_count >= 0),
    CONSTRAINT ck_emergency_list_version_personal_column_count_minimum CHECK (personal_column_count >= 0)
);

-- enterprises (企业): one enterprise

CREATE TABLE enterprise (
    region_id TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    name_en TEXT,
    name_zh TEXT,
    industry_code TEXT NOT NULL,
    grade_code TEXT,
    city_name TEXT,
    county_id TEXT,
    district_id TEXT,
    longitude_deg DOUBLE PRECISION NOT NULL,
    latitude_deg DOUBLE PRECISION NOT NULL,
    source TEXT,
    CONSTRAINT pk_enterprise PRIMARY KEY (region_id, enterprise_id),
    CONSTRAINT ck_enterprise_longitude_deg_minimum CHECK (longitude_deg >= -180),
    CONSTRAINT ck_enterprise_longitude_deg_maximum CHECK (longitude_deg <= 180),
    CONSTRAINT ck_enterprise_latitude_deg_minimum CHECK (latitude_deg >= -90),
    CONSTRAINT ck_enterprise_latitude_deg_maximum CHECK (latitude_deg <= 90)
);

-- how far each feed was read (数据源游标): one feed

CREATE TABLE feed_cursor (
    region_id TEXT NOT NULL,
    feed_id TEXT NOT NULL,
    cursor TEXT,
    received_utc TIMESTAMP WITH TIME ZONE,
    row_count BIGINT,
    CONSTRAINT pk_feed_cursor PRIMARY KEY (region_id, feed_id),
    CONSTRAINT ck_feed_cursor_row_count_minimum CHECK (row_count >= 0)
);

-- fleet mix (车队构成): share of the flow by road class, local hour, vehicle class, fuel and stage

CREATE TABLE fleet_mix (
    region_id TEXT NOT NULL,
    road_class_code TEXT NOT NULL,
    local_hour BIGINT NOT NULL,
    vehicle_class_code TEXT NOT NULL,
    fuel_code TEXT NOT NULL,
    emission_stage_code TEXT NOT NULL,
    fleet_share DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_fleet_mix PRIMARY KEY (region_id, road_class_code, local_hour, vehicle_class_code, fuel_code, emission_stage_code),
    CONSTRAINT ck_fleet_mix_local_hour_minimum CHECK (local_hour >= 0),
    CONSTRAINT ck_fleet_mix_local_hour_maximum CHECK (local_hour <= 23),
    CONSTRAINT ck_fleet_mix_fleet_share_minimum CHECK (fleet_share >= 0),
    CONSTRAINT ck_fleet_mix_fleet_share_maximum CHECK (fleet_share <= 1)
);

-- grid cells (网格): one cell

CREATE TABLE grid (
    region_id TEXT NOT NULL,
    cell_id TEXT NOT NULL,
    row_index BIGINT NOT NULL,
    column_index BIGINT NOT NULL,
    x_m DOUBLE PRECISION,
    y_m DOUBLE PRECISION,
    longitude_deg DOUBLE PRECISION NOT NULL,
    latitude_deg DOUBLE PRECISION NOT NULL,
    area_km2 DOUBLE PRECISION,
    CONSTRAINT pk_grid PRIMARY KEY (region_id, cell_id),
    CONSTRAINT ck_grid_row_index_minimum CHECK (row_index >= 0),
    CONSTRAINT ck_grid_column_index_minimum CHECK (column_index >= 0),
    CONSTRAINT ck_grid_longitude_deg_minimum CHECK (longitude_deg >= -180),
    CONSTRAINT ck_grid_longitude_deg_maximum CHECK (longitude_deg <= 180),
    CONSTRAINT ck_grid_latitude_deg_minimum CHECK (latitude_deg >= -90),
    CONSTRAINT ck_grid_latitude_deg_maximum CHECK (latitude_deg <= 90),
    CONSTRAINT ck_grid_area_km2_minimum CHECK (area_km2 >= 0)
);

-- share of a source in a cell (网格分配权重): one source in one cell; what lies outside the grid is in the cell named outside

CREATE TABLE grid_weight (
    region_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    cell_id TEXT NOT NULL,
    weight_share DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_grid_weight PRIMARY KEY (region_id, source_id, cell_id),
    CONSTRAINT ck_grid_weight_weight_share_minimum CHECK (weight_share >= 0),
    CONSTRAINT ck_grid_weight_weight_share_maximum CHECK (weight_share <= 1)
);

-- own fleets of places and times (地方与分时车队构成): share of one vehicle class, fuel and stage in an own fleet; an empty selector means any; the most specific fleet replaces fleet_mix

CREATE TABLE local_fleet (
    region_id TEXT NOT NULL,
    local_fleet_id TEXT NOT NULL,
    city_name TEXT,
    county_id TEXT,
    road_class_code TEXT,
    fleet_day_code TEXT,
    from_local_hour BIGINT,
    to_local_hour BIGINT,
    valid_from DATE,
    valid_to DATE,
    is_counted_on_road BOOLEAN NOT NULL,
    vehicle_class_code TEXT NOT NULL,
    fuel_code TEXT NOT NULL,
    emission_stage_code TEXT NOT NULL,
    fleet_share DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_local_fleet PRIMARY KEY (region_id, local_fleet_id, vehicle_class_code, fuel_code, emission_stage_code),
    CONSTRAINT ck_local_fleet_from_local_hour_minimum CHECK (from_local_hour >= 0),
    CONSTRAINT ck_local_fleet_from_local_hour_maximum CHECK (from_local_hour <= 23),
    CONSTRAINT ck_local_fleet_to_local_hour_minimum CHECK (to_local_hour >= 0),
    CONSTRAINT ck_local_fleet_to_local_hour_maximum CHECK (to_local_hour <= 24),
    CONSTRAINT ck_local_fleet_fleet_share_minimum CHECK (fleet_share >= 0),
    CONSTRAINT ck_local_fleet_fleet_share_maximum CHECK (fleet_share <= 1)
);

-- scores of the forms that competed (模型形式评分): one form that competed for one source and target in one training, scored out of block

CREATE TABLE model_score (
    region_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    target TEXT NOT NULL,
    form_code TEXT NOT NULL,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    is_chosen BOOLEAN NOT NULL,
    sample_count BIGINT,
    r2 DOUBLE PRECISION,
    nmae DOUBLE PRECISION,
    nmb DOUBLE PRECISION,
    coverage_90_share DOUBLE PRECISION,
    note TEXT,
    CONSTRAINT pk_model_score PRIMARY KEY (region_id, source_id, target, form_code, known_utc),
    CONSTRAINT ck_model_score_sample_count_minimum CHECK (sample_count >= 0),
    CONSTRAINT ck_model_score_r2_maximum CHECK (r2 <= 1),
    CONSTRAINT ck_model_score_nmae_minimum CHECK (nmae >= 0),
    CONSTRAINT ck_model_score_coverage_90_share_minimum CHECK (coverage_90_share >= 0),
    CONSTRAINT ck_model_score_coverage_90_share_maximum CHECK (coverage_90_share <= 1)
);

-- model versions (模型版本): one fitted model of one source and target, with its standing

CREATE TABLE model_version (
    region_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    target TEXT NOT NULL,
    model_version_id TEXT NOT NULL,
    form_code TEXT,
    status_code TEXT NOT NULL,
    method_code TEXT,
    parameters_json TEXT NOT NULL,
    card_json TEXT,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    sample_count BIGINT,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    champion_from_utc TIMESTAMP WITH TIME ZONE,
    champion_to_utc TIMESTAMP WITH TIME ZONE,
    code_version TEXT,
    CONSTRAINT pk_model_version PRIMARY KEY (region_id, source_id, target, model_version_id, known_utc),
    CONSTRAINT ck_model_version_sample_count_minimum CHECK (sample_count >= 0)
);

-- record counters (编号计数器): one sequence of numbers, each given once

CREATE TABLE record_counter (
    region_id TEXT NOT NULL,
    counter_name TEXT NOT NULL,
    last_number BIGINT NOT NULL,
    CONSTRAINT pk_record_counter PRIMARY KEY (region_id, counter_name),
    CONSTRAINT ck_record_counter_last_number_minimum CHECK (last_number >= 0)
);

-- regions (区域): one region

CREATE TABLE region (
    region_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT,
    is_simulated BOOLEAN,
    CONSTRAINT pk_region PRIMARY KEY (region_id, name_en)
);

-- identity of the registry (登记库标识): one row for the whole registry, of no region; a lake belongs to the registry with the same identity

CREATE TABLE registry_identity (
    region_id TEXT NOT NULL,
    registry_id TEXT NOT NULL,
    created_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_registry_identity PRIMARY KEY (region_id, registry_id)
);

-- road links (路段): one link

CREATE TABLE road_link (
    region_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    road_class_code TEXT NOT NULL,
    length_km DOUBLE PRECISION NOT NULL,
    free_speed_km_per_h DOUBLE PRECISION NOT NULL,
    jam_density_veh_per_km DOUBLE PRECISION NOT NULL,
    geometry_wkt TEXT NOT NULL,
    city_name TEXT,
    county_id TEXT,
    CONSTRAINT pk_road_link PRIMARY KEY (region_id, link_id),
    CONSTRAINT ck_road_link_length_km_minimum CHECK (length_km >= 0.001),
    CONSTRAINT ck_road_link_length_km_maximum CHECK (length_km <= 1000),
    CONSTRAINT ck_road_link_free_speed_km_per_h_minimum CHECK (free_speed_km_per_h >= 1),
    CONSTRAINT ck_road_link_free_speed_km_per_h_maximum CHECK (free_speed_km_per_h <= 200),
    CONSTRAINT ck_road_link_jam_density_veh_per_km_minimum CHECK (jam_density_veh_per_km >= 1),
    CONSTRAINT ck_road_link_jam_density_veh_per_km_maximum CHECK (jam_density_veh_per_km <= 10000)
);

-- runs (运行记录): one stage over one window

CREATE TABLE run (
    region_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    stage_name TEXT,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    started_utc TIMESTAMP WITH TIME ZONE,
    ended_utc TIMESTAMP WITH TIME ZONE,
    status TEXT,
    error TEXT,
    process_tag TEXT,
    code_version TEXT,
    known_utc TIMESTAMP WITH TIME ZONE,
    receipt_json TEXT,
    command TEXT,
    CONSTRAINT pk_run PRIMARY KEY (region_id, run_id)
);

-- scenarios (情景): one recalculation

CREATE TABLE scenario (
    region_id TEXT NOT NULL,
    scenario_id TEXT NOT NULL,
    name_en TEXT,
    alert_level_code TEXT,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    parameters_json TEXT,
    run_id TEXT,
    known_utc TIMESTAMP WITH TIME ZONE,
    status TEXT,
    is_draft_inventory BOOLEAN,
    decided_by TEXT,
    decided_utc TIMESTAMP WITH TIME ZONE,
    authentication_code TEXT,
    in_force_from_utc TIMESTAMP WITH TIME ZONE,
    in_force_to_utc TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_scenario PRIMARY KEY (region_id, scenario_id)
);

-- monitoring stations (监测站点): one station

CREATE TABLE station (
    region_id TEXT NOT NULL,
    station_id TEXT NOT NULL,
    name_en TEXT,
    name_zh TEXT,
    city_name TEXT,
    longitude_deg DOUBLE PRECISION NOT NULL,
    latitude_deg DOUBLE PRECISION NOT NULL,
    valid_from DATE,
    valid_to DATE,
    CONSTRAINT pk_station PRIMARY KEY (region_id, station_id),
    CONSTRAINT ck_station_longitude_deg_minimum CHECK (longitude_deg >= -180),
    CONSTRAINT ck_station_longitude_deg_maximum CHECK (longitude_deg <= 180),
    CONSTRAINT ck_station_latitude_deg_minimum CHECK (latitude_deg >= -90),
    CONSTRAINT ck_station_latitude_deg_maximum CHECK (latitude_deg <= 90)
);

-- traffic restrictions (限行规定): one restriction that holds whatever the alert; an empty selector means any

CREATE TABLE traffic_restriction (
    region_id TEXT NOT NULL,
    traffic_restriction_id TEXT NOT NULL,
    city_name TEXT,
    county_id TEXT,
    road_class_code TEXT,
    vehicle_class_code TEXT,
    fuel_code TEXT,
    stage_threshold_code TEXT,
    fleet_day_code TEXT,
    from_local_hour BIGINT,
    to_local_hour BIGINT,
    valid_from DATE NOT NULL,
    valid_to DATE,
    banned_share DOUBLE PRECISION NOT NULL,
    compliance_share DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    confidence DOUBLE PRECISION,
    note TEXT,
    CONSTRAINT pk_traffic_restriction PRIMARY KEY (region_id, traffic_restriction_id),
    CONSTRAINT ck_traffic_restriction_from_local_hour_minimum CHECK (from_local_hour >= 0),
    CONSTRAINT ck_traffic_restriction_from_local_hour_maximum CHECK (from_local_hour <= 23),
    CONSTRAINT ck_traffic_restriction_to_local_hour_minimum CHECK (to_local_hour >= 0),
    CONSTRAINT ck_traffic_restriction_to_local_hour_maximum CHECK (to_local_hour <= 24),
    CONSTRAINT ck_traffic_restriction_banned_share_minimum CHECK (banned_share >= 0),
    CONSTRAINT ck_traffic_restriction_banned_share_maximum CHECK (banned_share <= 1),
    CONSTRAINT ck_traffic_restriction_compliance_share_minimum CHECK (compliance_share >= 0),
    CONSTRAINT ck_traffic_restriction_compliance_share_maximum CHECK (compliance_share <= 1),
    CONSTRAINT ck_traffic_restriction_confidence_minimum CHECK (confidence >= 0),
    CONSTRAINT ck_traffic_restriction_confidence_maximum CHECK (confidence <= 1)
);

-- acts about alerts (预警行动记录): one act of a person about a standing alert, a regional prompt or a temporary control; never changed

CREATE TABLE alert_event (
    region_id TEXT NOT NULL,
    record_number BIGINT NOT NULL,
    standing_alert_id TEXT NOT NULL,
    alert_event_code TEXT NOT NULL,
    alert_level_code TEXT,
    city_names TEXT,
    from_utc TIMESTAMP WITH TIME ZONE,
    to_utc TIMESTAMP WITH TIME ZONE,
    scenario_id TEXT,
    actor TEXT NOT NULL,
    authentication_code TEXT NOT NULL,
    note TEXT,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_alert_event PRIMARY KEY (region_id, record_number),
    CONSTRAINT ck_alert_event_record_number_minimum CHECK (record_number >= 0),
    CONSTRAINT fk_alert_event_scenario_id FOREIGN KEY(region_id, scenario_id) REFERENCES scenario (region_id, scenario_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_alert_event_scenario_id ON alert_event (region_id, scenario_id);

-- annual totals of area sources (面源年排放量): one pollutant of one area source

CREATE TABLE area_emission_annual (
    region_id TEXT NOT NULL,
    activity_area_id TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    annual_emission_t DOUBLE PRECISION NOT NULL,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    source TEXT,
    CONSTRAINT pk_area_emission_annual PRIMARY KEY (region_id, activity_area_id, pollutant_code),
    CONSTRAINT ck_area_emission_annual_annual_emission_t_minimum CHECK (annual_emission_t >= 0),
    CONSTRAINT ck_area_emission_annual_annual_emission_t_maximum CHECK (annual_emission_t <= 10000000000),
    CONSTRAINT ck_area_emission_annual_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_area_emission_annual_relative_sd_share_maximum CHECK (relative_sd_share <= 5),
    CONSTRAINT fk_area_emission_annual_activity_area_id FOREIGN KEY(region_id, activity_area_id) REFERENCES activity_area (region_id, activity_area_id) DEFERRABLE INITIALLY DEFERRED
);

-- cases of lines that may not have obeyed (落实情况案件): one production line under one scenario

CREATE TABLE compliance_case (
    region_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    scenario_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    breach_kind_code TEXT NOT NULL,
    from_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    to_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    breach_probability_share DOUBLE PRECISION,
    excess_emission_g DOUBLE PRECISION,
    evidence_json TEXT,
    case_status_code TEXT NOT NULL,
    decided_by TEXT,
    decided_utc TIMESTAMP WITH TIME ZONE,
    note TEXT,
    run_id TEXT,
    known_utc TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_compliance_case PRIMARY KEY (region_id, case_id),
    CONSTRAINT ck_compliance_case_breach_probability_share_minimum CHECK (breach_probability_share >= 0),
    CONSTRAINT ck_compliance_case_breach_probability_share_maximum CHECK (breach_probability_share <= 1),
    CONSTRAINT ck_compliance_case_excess_emission_g_minimum CHECK (excess_emission_g >= 0),
    CONSTRAINT fk_compliance_case_scenario_id FOREIGN KEY(region_id, scenario_id) REFERENCES scenario (region_id, scenario_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_compliance_case_scenario_id ON compliance_case (region_id, scenario_id);

-- areas whose activity is counted (按活动计数的面源): one area source with its activity of a year, of which feed area_activity counts hours or days; berth hours, landings and fuel replace the annual total of the pollutants with a factor

CREATE TABLE counted_area (
    region_id TEXT NOT NULL,
    activity_area_id TEXT NOT NULL,
    activity_unit_code TEXT NOT NULL,
    annual_activity DOUBLE PRECISION NOT NULL,
    auxiliary_fuel_kg_per_h DOUBLE PRECISION,
    boiler_fuel_kg_per_h DOUBLE PRECISION,
    shore_power_share DOUBLE PRECISION,
    source TEXT NOT NULL,
    CONSTRAINT pk_counted_area PRIMARY KEY (region_id, activity_area_id),
    CONSTRAINT ck_counted_area_annual_activity_minimum CHECK (annual_activity >= 0),
    CONSTRAINT ck_counted_area_annual_activity_maximum CHECK (annual_activity <= 1000000000000),
    CONSTRAINT ck_counted_area_auxiliary_fuel_kg_per_h_minimum CHECK (auxiliary_fuel_kg_per_h >= 0),
    CONSTRAINT ck_counted_area_auxiliary_fuel_kg_per_h_maximum CHECK (auxiliary_fuel_kg_per_h <= 20000),
    CONSTRAINT ck_counted_area_boiler_fuel_kg_per_h_minimum CHECK (boiler_fuel_kg_per_h >= 0),
    CONSTRAINT ck_counted_area_boiler_fuel_kg_per_h_maximum CHECK (boiler_fuel_kg_per_h <= 20000),
    CONSTRAINT ck_counted_area_shore_power_share_minimum CHECK (shore_power_share >= 0),
    CONSTRAINT ck_counted_area_shore_power_share_maximum CHECK (shore_power_share <= 1),
    CONSTRAINT fk_counted_area_activity_area_id FOREIGN KEY(region_id, activity_area_id) REFERENCES activity_area (region_id, activity_area_id) DEFERRABLE INITIALLY DEFERRED
);

-- emissions and cuts of the emergency list (应急减排清单排放量与减排量): one pollutant of one item

CREATE TABLE emergency_list_emission (
    region_id TEXT NOT NULL,
    emergency_list_version_id TEXT NOT NULL,
    list_item_id TEXT NOT NULL,
    list_pollutant_code TEXT NOT NULL,
    emission_kg_per_d DOUBLE PRECISION,
    cut_kg_per_d DOUBLE PRECISION,
    CONSTRAINT pk_emergency_list_emission PRIMARY KEY (region_id, emergency_list_version_id, list_item_id, list_pollutant_code),
    CONSTRAINT ck_emergency_list_emission_emission_kg_per_d_minimum CHECK (emission_kg_per_d >= 0),
    CONSTRAINT ck_emergency_list_emission_cut_kg_per_d_minimum CHECK (cut_kg_per_d >= 0),
    CONSTRAINT fk_emergency_list_emission_emergency_list_version_id FOREIGN KEY(region_id, emergency_list_version_id) REFERENCES emergency_list_version (region_id, emergency_list_version_id) DEFERRABLE INITIALLY DEFERRED
);

-- measures of the emergency list (应急减排清单措施): one measure of one row at one level

CREATE TABLE emergency_list_item (
    region_id TEXT NOT NULL,
    emergency_list_version_id TEXT NOT NULL,
    list_item_id TEXT NOT NULL,
    sheet_name TEXT NOT NULL,
    excel_row_number BIGINT NOT NULL,
    enterprise_name TEXT,
    credit_code TEXT,
    county_name TEXT,
    industry_code TEXT,
    grade_code TEXT,
    guarantee_code TEXT,
    approver_name TEXT,
    line_name TEXT,
    alert_level_code TEXT NOT NULL,
    measure_text TEXT,
    pattern_id TEXT,
    measure_kind_code TEXT,
    affected_share DOUBLE PRECISION,
    cut_share DOUBLE PRECISION,
    applied_cut_share DOUBLE PRECISION,
    base_value DOUBLE PRECISION,
    target_value DOUBLE PRECISION,
    base_unit TEXT,
    vehicle_class_codes TEXT,
    stage_text TEXT,
    hours_text TEXT,
    context_text TEXT,
    exemption TEXT,
    list_pollutant_codes TEXT,
    list_item_status_code TEXT NOT NULL,
    readings TEXT,
    note TEXT,
    decided_by TEXT,
    decided_utc TIMESTAMP WITH TIME ZONE,
    authentication_code TEXT,
    action TEXT,
    matched_line_ids TEXT,
    CONSTRAINT pk_emergency_list_item PRIMARY KEY (region_id, emergency_list_version_id, list_item_id),
    CONSTRAINT ck_emergency_list_item_excel_row_number_minimum CHECK (excel_row_number >= 1),
    CONSTRAINT ck_emergency_list_item_affected_share_minimum CHECK (affected_share >= 0),
    CONSTRAINT ck_emergency_list_item_affected_share_maximum CHECK (affected_share <= 1),
    CONSTRAINT ck_emergency_list_item_cut_share_minimum CHECK (cut_share >= 0),
    CONSTRAINT ck_emergency_list_item_cut_share_maximum CHECK (cut_share <= 1),
    CONSTRAINT ck_emergency_list_item_applied_cut_share_minimum CHECK (applied_cut_share >= 0),
    CONSTRAINT ck_emergency_list_item_applied_cut_share_maximum CHECK (applied_cut_share <= 1),
    CONSTRAINT fk_emergency_list_item_emergency_list_version_id FOREIGN KEY(region_id, emergency_list_version_id) REFERENCES emergency_list_version (region_id, emergency_list_version_id) DEFERRABLE INITIALLY DEFERRED
);

-- non-road machines (非道路移动机械): machines of one kind, power and emission stage in one area source; their emission replaces the annual total of its pollutants

CREATE TABLE machine (
    region_id TEXT NOT NULL,
    machine_group_id TEXT NOT NULL,
    activity_area_id TEXT NOT NULL,
    machine_name TEXT,
    rated_power_kw DOUBLE PRECISION NOT NULL,
    emission_stage_code TEXT NOT NULL,
    machine_count DOUBLE PRECISION NOT NULL,
    working_h DOUBLE PRECISION NOT NULL,
    load_factor_share DOUBLE PRECISION,
    source TEXT,
    CONSTRAINT pk_machine PRIMARY KEY (region_id, machine_group_id),
    CONSTRAINT ck_machine_rated_power_kw_minimum CHECK (rated_power_kw >= 1),
    CONSTRAINT ck_machine_rated_power_kw_maximum CHECK (rated_power_kw <= 20000),
    CONSTRAINT ck_machine_machine_count_minimum CHECK (machine_count >= 0),
    CONSTRAINT ck_machine_machine_count_maximum CHECK (machine_count <= 10000000),
    CONSTRAINT ck_machine_working_h_minimum CHECK (working_h >= 0),
    CONSTRAINT ck_machine_working_h_maximum CHECK (working_h <= 8784),
    CONSTRAINT ck_machine_load_factor_share_minimum CHECK (load_factor_share >= 0.01),
    CONSTRAINT ck_machine_load_factor_share_maximum CHECK (load_factor_share <= 1),
    CONSTRAINT fk_machine_activity_area_id FOREIGN KEY(region_id, activity_area_id) REFERENCES activity_area (region_id, activity_area_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_machine_activity_area_id ON machine (region_id, activity_area_id);

-- production lines and units (生产线): one line or unit of an enterprise; the emission source of industry

CREATE TABLE production_line (
    region_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    sector_code TEXT NOT NULL,
    industry_code TEXT NOT NULL,
    grade_code TEXT,
    activity_unit_code TEXT NOT NULL,
    capacity_per_h DOUBLE PRECISION,
    base_load_share DOUBLE PRECISION,
    power_elasticity DOUBLE PRECISION,
    reference_energy_kwh DOUBLE PRECISION,
    fuel_name TEXT,
    process TEXT,
    commissioned_year BIGINT,
    CONSTRAINT pk_production_line PRIMARY KEY (region_id, production_line_id),
    CONSTRAINT ck_production_line_capacity_per_h_minimum CHECK (capacity_per_h >= 0.0001),
    CONSTRAINT ck_production_line_capacity_per_h_maximum CHECK (capacity_per_h <= 100000000),
    CONSTRAINT ck_production_line_base_load_share_minimum CHECK (base_load_share >= 0),
    CONSTRAINT ck_production_line_base_load_share_maximum CHECK (base_load_share <= 0.99),
    CONSTRAINT ck_production_line_power_elasticity_minimum CHECK (power_elasticity >= 0.01),
    CONSTRAINT ck_production_line_power_elasticity_maximum CHECK (power_elasticity <= 3),
    CONSTRAINT ck_production_line_reference_energy_kwh_minimum CHECK (reference_energy_kwh >= 0.0001),
    CONSTRAINT ck_production_line_reference_energy_kwh_maximum CHECK (reference_energy_kwh <= 10000000),
    CONSTRAINT ck_production_line_commissioned_year_minimum CHECK (commissioned_year >= 1900),
    CONSTRAINT ck_production_line_commissioned_year_maximum CHECK (commissioned_year <= 2100),
    CONSTRAINT fk_production_line_enterprise_id FOREIGN KEY(region_id, enterprise_id) REFERENCES enterprise (region_id, enterprise_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_production_line_enterprise_id ON production_line (region_id, enterprise_id);

-- published versions (已发布版本): one version of one day of one table; of a table of scenarios, of one scenario

CREATE TABLE published_version (
    region_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    day DATE NOT NULL,
    version TEXT NOT NULL,
    known_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    path TEXT,
    row_count BIGINT,
    sha256 TEXT,
    complete_share DOUBLE PRECISION,
    run_id TEXT,
    scenario_id TEXT,
    pruned_utc TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_published_version PRIMARY KEY (region_id, table_name, day, version, known_utc),
    CONSTRAINT ck_published_version_row_count_minimum CHECK (row_count >= 0),
    CONSTRAINT ck_published_version_complete_share_minimum CHECK (complete_share >= 0),
    CONSTRAINT ck_published_version_complete_share_maximum CHECK (complete_share <= 1),
    CONSTRAINT fk_published_version_scenario_id FOREIGN KEY(region_id, scenario_id) REFERENCES scenario (region_id, scenario_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_published_version_scenario_id ON published_version (region_id, scenario_id);

-- orders on the trucks of plants (企业运输管控指令): one order at one level and the levels above it; trucks of the class and of the stage and older may not enter; an empty selector means any plant

CREATE TABLE transport_order (
    region_id TEXT NOT NULL,
    transport_order_id TEXT NOT NULL,
    alert_level_code TEXT NOT NULL,
    enterprise_id TEXT,
    industry_code TEXT,
    grade_code TEXT,
    vehicle_class_code TEXT NOT NULL,
    stage_threshold_code TEXT NOT NULL,
    source TEXT NOT NULL,
    confidence DOUBLE PRECISION,
    note TEXT,
    CONSTRAINT pk_transport_order PRIMARY KEY (region_id, transport_order_id, alert_level_code),
    CONSTRAINT ck_transport_order_confidence_minimum CHECK (confidence >= 0),
    CONSTRAINT ck_transport_order_confidence_maximum CHECK (confidence <= 1),
    CONSTRAINT fk_transport_order_enterprise_id FOREIGN KEY(region_id, enterprise_id) REFERENCES enterprise (region_id, enterprise_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_transport_order_enterprise_id ON transport_order (region_id, enterprise_id);

-- registered vehicles (机动车保有量): vehicles of one class, fuel and emission stage that park in one area source; petrol evaporates from them

CREATE TABLE vehicle_stock (
    region_id TEXT NOT NULL,
    activity_area_id TEXT NOT NULL,
    vehicle_class_code TEXT NOT NULL,
    fuel_code TEXT NOT NULL,
    emission_stage_code TEXT NOT NULL,
    vehicle_count DOUBLE PRECISION NOT NULL,
    source TEXT,
    CONSTRAINT pk_vehicle_stock PRIMARY KEY (region_id, activity_area_id, vehicle_class_code, fuel_code, emission_stage_code),
    CONSTRAINT ck_vehicle_stock_vehicle_count_minimum CHECK (vehicle_count >= 0),
    CONSTRAINT ck_vehicle_stock_vehicle_count_maximum CHECK (vehicle_count <= 1000000000),
    CONSTRAINT fk_vehicle_stock_activity_area_id FOREIGN KEY(region_id, activity_area_id) REFERENCES activity_area (region_id, activity_area_id) DEFERRABLE INITIALLY DEFERRED
);

-- abatement devices of production lines (生产线治理设施): one device of one production line, by its name in control_efficiency

CREATE TABLE abatement_device (
    region_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    CONSTRAINT pk_abatement_device PRIMARY KEY (region_id, production_line_id, device_name),
    CONSTRAINT fk_abatement_device_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

-- audited monthly emission of production lines (核定月排放量): one pollutant of one production line in one local month

CREATE TABLE audited_emission_monthly (
    region_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    month_start DATE NOT NULL,
    audited_emission_g DOUBLE PRECISION NOT NULL,
    audited_activity DOUBLE PRECISION,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    source TEXT,
    CONSTRAINT pk_audited_emission_monthly PRIMARY KEY (region_id, production_line_id, pollutant_code, month_start),
    CONSTRAINT ck_audited_emission_monthly_audited_emission_g_minimum CHECK (audited_emission_g >= 0),
    CONSTRAINT ck_audited_emission_monthly_audited_emission_g_maximum CHECK (audited_emission_g <= 100000000000000),
    CONSTRAINT ck_audited_emission_monthly_audited_activity_minimum CHECK (audited_activity >= 0),
    CONSTRAINT ck_audited_emission_monthly_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_audited_emission_monthly_relative_sd_share_maximum CHECK (relative_sd_share <= 5),
    CONSTRAINT fk_audited_emission_monthly_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

-- source-specific emission factors (源排放因子): one pollutant of one production line

CREATE TABLE emission_factor (
    region_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    pollutant_code TEXT NOT NULL,
    emission_factor_g_per_unit DOUBLE PRECISION NOT NULL,
    removal_share DOUBLE PRECISION NOT NULL,
    relative_sd_share DOUBLE PRECISION NOT NULL,
    source TEXT,
    confidence DOUBLE PRECISION,
    CONSTRAINT pk_emission_factor PRIMARY KEY (region_id, production_line_id, pollutant_code),
    CONSTRAINT ck_emission_factor_emission_factor_g_per_unit_minimum CHECK (emission_factor_g_per_unit >= 0),
    CONSTRAINT ck_emission_factor_emission_factor_g_per_unit_maximum CHECK (emission_factor_g_per_unit <= 1000000000),
    CONSTRAINT ck_emission_factor_removal_share_minimum CHECK (removal_share >= 0),
    CONSTRAINT ck_emission_factor_removal_share_maximum CHECK (removal_share <= 1),
    CONSTRAINT ck_emission_factor_relative_sd_share_minimum CHECK (relative_sd_share >= 0),
    CONSTRAINT ck_emission_factor_relative_sd_share_maximum CHECK (relative_sd_share <= 5),
    CONSTRAINT ck_emission_factor_confidence_minimum CHECK (confidence >= 0),
    CONSTRAINT ck_emission_factor_confidence_maximum CHECK (confidence <= 1),
    CONSTRAINT fk_emission_factor_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

-- emergency measures (应急减排措施): one measure at one level

CREATE TABLE measure (
    region_id TEXT NOT NULL,
    measure_id TEXT NOT NULL,
    alert_level_code TEXT NOT NULL,
    sector_code TEXT,
    industry_code TEXT,
    grade_code TEXT,
    vehicle_class_code TEXT,
    stage_threshold_code TEXT,
    production_line_id TEXT,
    pollutant_code TEXT,
    from_local_hour BIGINT,
    to_local_hour BIGINT,
    affected_share DOUBLE PRECISION NOT NULL,
    cut_share DOUBLE PRECISION NOT NULL,
    min_load_share DOUBLE PRECISION,
    ramp_down_h DOUBLE PRECISION,
    restart_h DOUBLE PRECISION,
    applies_from_utc TIMESTAMP WITH TIME ZONE,
    applies_to_utc TIMESTAMP WITH TIME ZONE,
    rotation_group TEXT,
    rotation_turn BIGINT,
    rotation_days BIGINT,
    action TEXT,
    source TEXT,
    confidence DOUBLE PRECISION,
    note TEXT,
    CONSTRAINT pk_measure PRIMARY KEY (region_id, measure_id, alert_level_code),
    CONSTRAINT ck_measure_from_local_hour_minimum CHECK (from_local_hour >= 0),
    CONSTRAINT ck_measure_from_local_hour_maximum CHECK (from_local_hour <= 23),
    CONSTRAINT ck_measure_to_local_hour_minimum CHECK (to_local_hour >= 0),
    CONSTRAINT ck_measure_to_local_hour_maximum CHECK (to_local_hour <= 24),
    CONSTRAINT ck_measure_affected_share_minimum CHECK (affected_share >= 0),
    CONSTRAINT ck_measure_affected_share_maximum CHECK (affected_share <= 1),
    CONSTRAINT ck_measure_cut_share_minimum CHECK (cut_share >= 0),
    CONSTRAINT ck_measure_cut_share_maximum CHECK (cut_share <= 1),
    CONSTRAINT ck_measure_min_load_share_minimum CHECK (min_load_share >= 0),
    CONSTRAINT ck_measure_min_load_share_maximum CHECK (min_load_share <= 1),
    CONSTRAINT ck_measure_ramp_down_h_minimum CHECK (ramp_down_h >= 0),
    CONSTRAINT ck_measure_ramp_down_h_maximum CHECK (ramp_down_h <= 240),
    CONSTRAINT ck_measure_restart_h_minimum CHECK (restart_h >= 0),
    CONSTRAINT ck_measure_restart_h_maximum CHECK (restart_h <= 240),
    CONSTRAINT ck_measure_rotation_turn_minimum CHECK (rotation_turn >= 1),
    CONSTRAINT ck_measure_rotation_turn_maximum CHECK (rotation_turn <= 100),
    CONSTRAINT ck_measure_rotation_days_minimum CHECK (rotation_days >= 1),
    CONSTRAINT ck_measure_rotation_days_maximum CHECK (rotation_days <= 31),
    CONSTRAINT ck_measure_confidence_minimum CHECK (confidence >= 0),
    CONSTRAINT ck_measure_confidence_maximum CHECK (confidence <= 1),
    CONSTRAINT fk_measure_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_measure_production_line_id ON measure (region_id, production_line_id);

-- electricity meters (电表): one meter of a production line

CREATE TABLE meter (
    region_id TEXT NOT NULL,
    meter_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    meter_role_code TEXT NOT NULL,
    interval_min DOUBLE PRECISION NOT NULL,
    valid_from DATE,
    valid_to DATE,
    CONSTRAINT pk_meter PRIMARY KEY (region_id, meter_id),
    CONSTRAINT ck_meter_interval_min_minimum CHECK (interval_min >= 1),
    CONSTRAINT ck_meter_interval_min_maximum CHECK (interval_min <= 1440),
    CONSTRAINT fk_meter_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_meter_production_line_id ON meter (region_id, production_line_id);

-- stack outlets with monitor (排放口): one monitored outlet of a production line

CREATE TABLE stack (
    region_id TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    stack_height_m DOUBLE PRECISION,
    stack_diameter_m DOUBLE PRECISION,
    exit_temperature_degc DOUBLE PRECISION,
    exit_velocity_m_per_s DOUBLE PRECISION,
    longitude_deg DOUBLE PRECISION,
    latitude_deg DOUBLE PRECISION,
    valid_from DATE,
    valid_to DATE,
    CONSTRAINT pk_stack PRIMARY KEY (region_id, stack_id),
    CONSTRAINT ck_stack_stack_height_m_minimum CHECK (stack_height_m >= 0),
    CONSTRAINT ck_stack_stack_height_m_maximum CHECK (stack_height_m <= 700),
    CONSTRAINT ck_stack_stack_diameter_m_minimum CHECK (stack_diameter_m >= 0),
    CONSTRAINT ck_stack_stack_diameter_m_maximum CHECK (stack_diameter_m <= 50),
    CONSTRAINT ck_stack_exit_temperature_degc_minimum CHECK (exit_temperature_degc >= -50),
    CONSTRAINT ck_stack_exit_temperature_degc_maximum CHECK (exit_temperature_degc <= 1500),
    CONSTRAINT ck_stack_exit_velocity_m_per_s_minimum CHECK (exit_velocity_m_per_s >= 0),
    CONSTRAINT ck_stack_exit_velocity_m_per_s_maximum CHECK (exit_velocity_m_per_s <= 150),
    CONSTRAINT ck_stack_longitude_deg_minimum CHECK (longitude_deg >= -180),
    CONSTRAINT ck_stack_longitude_deg_maximum CHECK (longitude_deg <= 180),
    CONSTRAINT ck_stack_latitude_deg_minimum CHECK (latitude_deg >= -90),
    CONSTRAINT ck_stack_latitude_deg_maximum CHECK (latitude_deg <= 90),
    CONSTRAINT fk_stack_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_stack_production_line_id ON stack (region_id, production_line_id);

-- lines that share a meter (共用电表分摊): one line that a shared meter measures; without a stated part it is split by reference energy

CREATE TABLE meter_share (
    region_id TEXT NOT NULL,
    meter_id TEXT NOT NULL,
    production_line_id TEXT NOT NULL,
    energy_share DOUBLE PRECISION,
    CONSTRAINT pk_meter_share PRIMARY KEY (region_id, meter_id, production_line_id),
    CONSTRAINT ck_meter_share_energy_share_minimum CHECK (energy_share >= 0),
    CONSTRAINT ck_meter_share_energy_share_maximum CHECK (energy_share <= 1),
    CONSTRAINT fk_meter_share_meter_id FOREIGN KEY(region_id, meter_id) REFERENCES meter (region_id, meter_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_meter_share_production_line_id FOREIGN KEY(region_id, production_line_id) REFERENCES production_line (region_id, production_line_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_meter_share_production_line_id ON meter_share (region_id, production_line_id);
