-- The models of a region, or of one of its sources ('' for all), that were known at a time: the cards of all, and the parameters
-- of those in use. The parameters of the others are not read, because they can be long.
SELECT m.region_id, m.source_id, m.target, m.model_version_id, m.form_code, m.status_code, m.card_json, m.from_utc, m.to_utc, m.sample_count,
       m.known_utc, m.champion_from_utc, m.champion_to_utc, m.code_version,
       CASE WHEN m.champion_from_utc <= :known_utc AND (m.champion_to_utc IS NULL OR m.champion_to_utc > :known_utc)
            THEN m.parameters_json END AS parameters_json,
       CASE WHEN m.status_code = 'failed' THEN m.parameters_json END AS note
FROM model_version AS m
WHERE m.region_id = :region_id
  AND (m.source_id = :source_id OR :source_id = '')
  AND m.status_code <> 'reserve'
  AND m.known_utc <= :known_utc
ORDER BY m.source_id, m.target, m.known_utc, m.model_version_id
