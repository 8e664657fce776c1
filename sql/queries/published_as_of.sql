-- What was published at a time: for each table, day and scenario (none for the inventory) the latest known version, of one region or
-- of all (''). Versions of a day have different instants in the lake; where rows of another origin share one, the version decides.
SELECT p.region_id, p.table_name, p.day, p.version, p.known_utc, p.path, p.row_count, p.sha256, p.complete_share, p.run_id, p.scenario_id, p.pruned_utc
FROM published_version AS p
WHERE (p.region_id = :region_id OR :region_id = '')
  AND p.known_utc <= :known_utc
  AND NOT EXISTS (
    SELECT 1
    FROM published_version AS later
    WHERE later.region_id = p.region_id
      AND later.table_name = p.table_name
      AND later.day = p.day
      AND COALESCE(later.scenario_id, '') = COALESCE(p.scenario_id, '')
      AND later.known_utc <= :known_utc
      AND (later.known_utc > p.known_utc OR (later.known_utc = p.known_utc AND later.version > p.version))
  )
ORDER BY p.region_id, p.day, p.table_name, p.scenario_id
