-- critical_path(id): what a workflow waited for, from its last end back to its first start, across queues.
--
-- Read backwards: of what a span did, or set going with a message, the part that ended last counts; before that one began, the part that
-- ended last until then, and so on. What lies between is the span's own time. A message's leg is its wait in the queue and then its
-- consumer. So the rows follow one another in time and never overlap. Takes any trace id of the workflow, as `workflow(id)` does.
--
--   position        1, 2, …: in order of time. A span that is interrupted by its parts has several rows
--   kind_of_row     `span`: its own time; or `wait`: a message lay in a queue
--   trace_id, span_id   span_id of a wait: NULL
--   service_name, name, kind, status_code, error, statement, peer, queue, message_id, receive_count   as in `waterfall`
--   start_time_ns, offset_ns, duration_ns
--
-- Example:
--   SELECT service_name, name, offset_ns / 1e6 AS at_ms, duration_ns / 1e6 AS ms FROM critical_path('5b8efff798038103d269b633813fc60c');
CREATE OR REPLACE MACRO main.critical_path(id) AS TABLE
WITH RECURSIVE line AS MATERIALIZED (
  FROM main.waterfall(coalesce((SELECT CASE WHEN count(*) = 1 THEN min(trace_id) END FROM main.workflow_roots(id)), id))
), node AS MATERIALIZED (
  -- 0 stands above all roots. A shared invocation has no time of its own here: what others' messages took is not this workflow's.
  SELECT
    line.position, coalesce(parent.position, 0) AS parent, line.shared,
    CASE WHEN NOT line.shared THEN line.start_time_ns END AS start_ns,
    CASE WHEN NOT line.shared THEN line.start_time_ns + greatest(line.duration_ns, 0) END AS end_ns
  FROM line
  ASOF LEFT JOIN (SELECT position, depth + 1 AS depth FROM line WHERE kind_of_row = 'span') AS parent
    ON parent.depth = line.depth AND parent.position < line.position
), above AS (
  SELECT position, position AS ancestor FROM node
  UNION ALL
  SELECT above.position, node.parent FROM above JOIN node ON node.position = above.ancestor
), whole AS MATERIALIZED (
  -- With all that it set going.
  SELECT ancestor AS position, min(node.start_ns) AS start_ns, max(node.end_ns) AS end_ns
  FROM above JOIN node USING (position)
  GROUP BY ancestor
), part AS MATERIALIZED (
  SELECT
    parent,
    list(
      {'start_ns': coalesce(node.start_ns, whole.start_ns), 'picks': [{'position': position, 'start_ns': coalesce(node.start_ns, whole.start_ns), 'end_ns': whole.end_ns}]}
      ORDER BY whole.end_ns DESC, coalesce(node.start_ns, whole.start_ns) DESC, position
    ) AS parts
  FROM node JOIN whole USING (position)
  WHERE whole.end_ns IS NOT NULL
  GROUP BY parent
), step AS (
  SELECT 0::BIGINT AS parent, {'position': 0::BIGINT, 'start_ns': start_ns, 'end_ns': end_ns} AS pick
  FROM whole
  WHERE position = 0
  UNION ALL
  SELECT position, unnest(picks)
  FROM (
    SELECT
      step.pick.position,
      list_reduce(
        list_prepend({'start_ns': step.pick.end_ns, 'picks': []}, part.parts),
        lambda done, next: CASE
          WHEN next.picks[1].end_ns <= done.start_ns AND next.start_ns < done.start_ns
          THEN {'start_ns': next.start_ns, 'picks': list_concat(done.picks, next.picks)}
          ELSE done
        END
      ).picks AS picks
    FROM step JOIN part ON part.parent = step.pick.position
  )
), taken AS MATERIALIZED (
  SELECT parent, pick.position, pick.start_ns, pick.end_ns FROM step WHERE pick.position > 0
), gap AS (
  -- Before each part, back to the end of the one before.
  SELECT parent AS position, lead(end_ns) OVER (PARTITION BY parent ORDER BY end_ns DESC, position) AS from_ns, start_ns AS to_ns FROM taken
  UNION ALL
  -- After the last part.
  SELECT taken.position, max(part.end_ns), any_value(taken.end_ns)
  FROM taken LEFT JOIN taken AS part ON part.parent = taken.position
  GROUP BY taken.position
), segment AS (
  SELECT position, greatest(coalesce(from_ns, start_ns), start_ns) AS from_ns, least(to_ns, end_ns) AS to_ns
  FROM gap JOIN node USING (position)
  WHERE NOT shared
)
SELECT
  row_number() OVER (ORDER BY from_ns, to_ns, line.position) AS position,
  kind_of_row, trace_id, span_id, service_name, name, kind, status_code, error, statement, peer, queue, message_id, receive_count,
  from_ns AS start_time_ns,
  from_ns - (SELECT start_ns FROM whole WHERE position = 0) AS offset_ns,
  to_ns - from_ns AS duration_ns
FROM segment JOIN line USING (position)
WHERE to_ns > from_ns
ORDER BY position;
