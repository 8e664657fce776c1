-- Runs of one region or ('') of all that began at a time or later, newest first. With a status, only those that did not succeed (and
-- those that are recorded as running, of which the caller knows whether their process still does).
SELECT r.region_id, r.run_id, r.stage_name, r.from_utc, r.to_utc, r.started_utc, r.ended_utc, r.status, r.error, r.process_tag, r.command
FROM run AS r
WHERE (r.region_id = :region_id OR :region_id = '')
  AND r.started_utc >= :started_utc
  AND (:status = '' OR r.status NOT IN ('done', 'partial'))
ORDER BY r.started_utc DESC, r.run_id DESC
LIMIT :row_count
