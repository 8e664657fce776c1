-- The last run of a stage that covered a window and has ended, or none.
SELECT r.run_id, r.status, r.error
FROM run AS r
WHERE r.region_id = :region_id
  AND r.stage_name = :stage_name
  AND r.from_utc <= :from_utc
  AND r.to_utc >= :to_utc
  AND r.ended_utc IS NOT NULL
ORDER BY r.started_utc DESC, r.run_id DESC
LIMIT 1
