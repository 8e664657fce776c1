-- The models of a region, or of one of its sources ('' for all), that were known at a time: their cards without their parameters, which
-- may be long; is_readable tells a text that is cut short or is no model at all from one that looks like a model.
SELECT m.region_id, m.source_id, m.target, m.model_version_id, m.form_code, m.status_code, m.card_json, m.from_utc, m.to_utc, m.sample_count,
       m.known_utc, m.champion_from_utc, m.champion_to_utc, m.code_version,
       CASE WHEN m.parameters_json LIKE '{%"form"%}' THEN 1 ELSE 0 END AS is_readable,
       CASE WHEN m.status_code = 'failed' THEN m.parameters_json END AS note
FROM model_version AS m
WHERE m.region_id = :region_id
  AND (m.source_id = :source_id OR :source_id = '')
  AND m.status_code <> 'reserve'
  AND m.known_utc <= :known_utc
ORDER BY m.source_id, m.target, m.known_utc, m.model_version_id
