"""The same rules as a developer would write them in SQL, for cases known in full: no unknowns.

Once without any checks of the input, and once with them: then a bad row is `invalid`, with reasons.

The day is 2 March 2026, as in by_hand.py. `outcome` is an ENUM of the outcomes' words.
"""

ORDERS = """
WITH a AS (
  SELECT reference, order_type AS kind, sentence_date AS sentenced, required_minutes AS required,
    completed_minutes AS completed, ete_minutes AS ete, imposed_on_breach, operational_period_end,
    six_month_review_done, nine_month_review_done, extension_identified, breach_action_started,
    extension_presented, extension_presented_on, extended, extended_to,
    worked_after_last_day_minutes,
    greatest(0, required_minutes + coalesce(adjustment_minutes, 0)) AS due,
    CAST(sentence_date + INTERVAL 6 MONTH AS DATE) AS review_6,
    CAST(sentence_date + INTERVAL 9 MONTH AS DATE) AS review_9,
    CAST(sentence_date + INTERVAL 12 MONTH AS DATE) AS year_on
  FROM cases),
b AS (
  SELECT *, due > completed AS outstanding, kind = 'suspended_sentence_order' AS suspended,
    kind = 'supervision_default_order' AS default_order,
    CASE WHEN day(year_on) = day(sentenced) THEN year_on - 1 ELSE year_on END AS twelve_end
  FROM a),
c AS (
  SELECT *, (kind = 'community_order' OR suspended) AND sentenced >= DATE '2017-02-15' AS covered,
    suspended AND DATE '2026-03-02' > operational_period_end AS lapsed,
    DATE '2026-03-02' > twelve_end AS past_twelve,
    CASE WHEN extended THEN extended_to ELSE twelve_end END AS extended_end,
    completed * (date_diff('day', sentenced, twelve_end) + 1) * 100
      >= due * (date_diff('day', sentenced, DATE '2026-03-02') + 1) * 100 AS on_pace
  FROM b),
d AS (
  SELECT *, DATE '2026-03-02' > CASE WHEN suspended THEN least(extended_end, operational_period_end)
    ELSE extended_end END AS past_end
  FROM c)
SELECT reference,
  CASE WHEN NOT outstanding THEN 'complete' WHEN NOT covered THEN 'not_covered'
    WHEN lapsed THEN 'lapsed' WHEN past_end THEN 'backlog'
    WHEN DATE '2026-03-02' >= review_9 THEN 'final_quarter'
    WHEN DATE '2026-03-02' >= review_6 THEN 'third_quarter' ELSE 'first_half' END AS stage,
  CASE WHEN sentenced >= DATE '2020-12-01'
      AND (kind = 'community_order' OR default_order OR (suspended AND NOT imposed_on_breach))
    THEN CASE WHEN required >= CASE WHEN default_order OR imposed_on_breach THEN 1200 ELSE 2400 END
        AND required <= CASE WHEN default_order THEN 3600 ELSE 18000 END
      THEN 'met'::outcome ELSE 'not_met'::outcome END ELSE 'not_applicable'::outcome END AS "upw.hours-range",
  CASE WHEN kind = 'community_order' OR suspended
    THEN CASE WHEN ete <= required * 30 // 100 THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.ete-allowance",
  CASE WHEN (kind = 'community_order' OR suspended) AND outstanding AND review_6 >= DATE '2022-06-01' AND DATE '2026-03-02' > review_6
    THEN CASE WHEN six_month_review_done THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.review-6",
  CASE WHEN (kind = 'community_order' OR suspended) AND outstanding AND review_9 >= DATE '2022-06-01'
      AND DATE '2026-03-02' > review_9
    THEN CASE WHEN nine_month_review_done THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.review-9",
  CASE WHEN covered AND review_6 <= DATE '2026-03-02' AND DATE '2026-03-02' < review_9
    THEN CASE WHEN on_pace THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.pace-6",
  CASE WHEN covered AND DATE '2026-03-02' >= review_9 AND NOT past_twelve
    THEN CASE WHEN on_pace THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.pace-9",
  CASE WHEN outstanding AND covered AND review_9 >= DATE '2022-06-01'
      AND DATE '2026-03-02' >= review_9 AND (past_twelve OR NOT on_pace)
    THEN CASE WHEN extension_identified OR breach_action_started THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.extension-identified",
  CASE WHEN outstanding AND covered AND twelve_end >= DATE '2022-06-01' AND past_twelve
      AND extension_identified
    THEN CASE WHEN extension_presented AND extension_presented_on <= twelve_end
      THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.extension-presented",
  CASE WHEN covered THEN CASE WHEN outstanding AND past_end THEN 'not_met'::outcome ELSE 'met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.complete-in-time",
  CASE WHEN covered AND (past_twelve OR lapsed)
    THEN CASE WHEN worked_after_last_day_minutes = 0 THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.no-work-after-last-day",
  CASE WHEN suspended AND sentenced >= DATE '2020-12-01'
    THEN CASE WHEN outstanding AND lapsed THEN 'not_met'::outcome ELSE 'met'::outcome END
    ELSE 'not_applicable'::outcome END AS "upw.suspended-order-ends"
FROM d
"""

PODS = """
WITH m AS (
  SELECT pod, count(*) FILTER (grade = 'PO') AS po, count(*) FILTER (grade = 'PSO') AS pso,
    count(*) FILTER (grade = 'CA') AS ca, count(*) FILTER (grade = 'PQiP') AS pqip,
    count(*) FILTER (grade = 'PO' AND nqo_completed) AS past
  FROM members GROUP BY pod),
n AS (
  SELECT pods.*, coalesce(po, 0) AS po, coalesce(pso, 0) AS pso, coalesce(ca, 0) AS ca,
    coalesce(pqip, 0) AS pqip, coalesce(past, 0) AS past,
    coalesce(po, 0) + coalesce(pso, 0) + coalesce(ca, 0) AS staff
  FROM pods LEFT JOIN m ON m.pod = pods.reference),
o AS (
  SELECT *, po * 600 BETWEEN 2 * staff * 75 AND 2 * staff * 125
    AND pso * 600 BETWEEN 3 * staff * 75 AND 3 * staff * 125
    AND ca * 600 BETWEEN staff * 75 AND staff * 125 AS near
  FROM n)
SELECT reference,
  CASE WHEN po >= 1 AND pso >= 1 AND ca >= 1 THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.1-mix",
  CASE WHEN near OR NOT local_variation_recorded THEN CASE WHEN near THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "pod.1-ratio",
  CASE WHEN case_knowledge_shared THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.3",
  CASE WHEN ca >= 1 AND case_administrator_enables_team THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.4",
  CASE WHEN manager_grade = 'SPO' THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.5-managed",
  CASE WHEN work_allocated_by_grade = 'SPO' THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.5-allocation",
  CASE WHEN structure_in_induction THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.6",
  CASE WHEN equalities_in_allocation THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.7-allocation",
  CASE WHEN equalities_in_staffing THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.7-staffing",
  CASE WHEN lived_experience_considered THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.7-lived-experience",
  CASE WHEN pqip <= past THEN 'met'::outcome ELSE 'not_met'::outcome END AS "pod.8",
  CASE WHEN past >= 1 OR NOT no_experienced_officer_recorded THEN CASE WHEN past >= 1 THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "pod.10-experienced",
  CASE WHEN po >= 1 THEN CASE WHEN past >= 1 THEN 'met'::outcome ELSE 'not_met'::outcome END
    ELSE 'not_applicable'::outcome END AS "pod.10-not-only-new"
FROM o
"""


def with_checks(statement: str, checks: str, counted: str = "") -> str:
    """The same statement with a row's values checked first: `invalid`, and the reasons, as the library gives them.

    Args:
        statement: One of the above.
        checks: Pairs of a test that is true of bad input and what is said of it, a line each.
        counted: Aggregates over members that the tests look at.
    """
    pairs = [line.split(" | ") for line in checks.strip().splitlines()]
    cases = ", ".join(f"CASE WHEN {test} THEN ['{text}'] END" for test, text in pairs)
    why = f"nullif(list_concat({cases}), []) AS why"
    head, last, columns = statement.rpartition("\nSELECT reference,")
    head = head.replace("FROM members GROUP BY", f", {counted} FROM members GROUP BY")
    head = head.replace("  SELECT reference,", f"  SELECT {why}, reference,", 1)
    head = head.replace("SELECT pods.*,", f"SELECT pods.*, {why},")
    columns = columns.replace(
        "CASE WHEN NOT outstanding THEN 'complete'",
        "CASE WHEN why IS NOT NULL THEN NULL WHEN NOT outstanding THEN 'complete'",
    )
    columns = columns.replace(
        "\n  CASE WHEN", "\n  CASE WHEN why IS NOT NULL THEN 'invalid'::outcome WHEN"
    )
    columns = columns.replace(
        "CASE WHEN why IS NOT NULL THEN 'invalid'::outcome WHEN why IS NOT NULL THEN NULL",
        "CASE WHEN why IS NOT NULL THEN NULL",
    )
    return head + last + columns.replace("\nFROM", ",\n  why AS reasons\nFROM")


_DAY = "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD"
_DAYS = "BETWEEN DATE '1990-01-01' AND DATE '2100-12-31'"
CHECKED_ORDERS = with_checks(
    ORDERS,
    f"""
order_type NOT IN ('community_order', 'suspended_sentence_order', 'youth_rehabilitation_order', 'supervision_default_order') | must be one of community_order, suspended_sentence_order, youth_rehabilitation_order, supervision_default_order @ order_type
sentence_date NOT {_DAYS} | {_DAY} @ sentence_date
required_minutes NOT BETWEEN 1 AND 200000 | must be a whole number from 1 to 200000 @ required_minutes
completed_minutes NOT BETWEEN 0 AND 400000 | must be a whole number from 0 to 400000 @ completed_minutes
adjustment_minutes NOT BETWEEN -200000 AND 200000 | must be a whole number from -200000 to 200000 @ adjustment_minutes
ete_minutes NOT BETWEEN 0 AND 400000 | must be a whole number from 0 to 400000 @ ete_minutes
operational_period_end NOT {_DAYS} | {_DAY} @ operational_period_end
extension_presented_on NOT {_DAYS} | {_DAY} @ extension_presented_on
extension_presented_on IS NOT NULL AND extension_presented IS NOT TRUE | is given, so `extension_presented` must be true @ extension_presented_on
extended_to NOT {_DAYS} | {_DAY} @ extended_to
extended_to IS NOT NULL AND extended IS NOT TRUE | is given, so `extended` must be true @ extended_to
worked_after_last_day_minutes NOT BETWEEN 0 AND 400000 | must be a whole number from 0 to 400000 @ worked_after_last_day_minutes
sentence_date > DATE '2026-03-02' | the sentence date is after the day asked about @ sentence_date
extension_presented_on > DATE '2026-03-02' | the day of presentation is after the day asked about @ extension_presented_on
extension_presented_on < sentence_date | the day of presentation is before the sentence date @ extension_presented_on
operational_period_end < sentence_date | the operational period ends before the sentence date @ operational_period_end
extended_to < CAST(sentence_date + INTERVAL 12 MONTH AS DATE) - CASE WHEN day(CAST(sentence_date + INTERVAL 12 MONTH AS DATE)) = day(sentence_date) THEN 1 ELSE 0 END | the extension ends before the twelve months do @ extended_to
""",
)

_GRADES = "PO, PSO, CA, PQiP, SPO"
CHECKED_PODS = with_checks(
    PODS,
    f"""
manager_grade NOT IN ('PO', 'PSO', 'CA', 'PQiP', 'SPO') | must be one of {_GRADES} @ manager_grade
work_allocated_by_grade NOT IN ('PO', 'PSO', 'CA', 'PQiP', 'SPO') | must be one of {_GRADES} @ work_allocated_by_grade
coalesce(size, 0) NOT BETWEEN 1 AND 60 | must be a list of 1 to 60 @ members
bad_grades > 0 | must be one of PO, PSO, CA, PQiP @ grade of a member
bad_fte > 0 | must be a number from 0.01 to 1.0, at most 2 decimal places @ fte of a member
""",
    "count(*) AS size, count(*) FILTER (grade NOT IN ('PO', 'PSO', 'CA', 'PQiP')) AS bad_grades, "
    "count(*) FILTER (fte NOT BETWEEN 0.01 AND 1.0 OR fte <> round(fte, 2)) AS bad_fte",
)
