"""A small made-up area with everything the language has, for tests of the kernel."""

from __future__ import annotations

import copy
from typing import Any

from probation_rules.rulebook.load import build
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.read import document_from, parse_toml
from probation_rules.rulebook.spec import NO_SPEC, AreaSpec

TEXT = """
area = "toy"
title = "Toy"
prefix = "toy"
month_end = "clamp"

[sources.paper]
title = "A made-up paper"
publisher = "Nobody"

[parameters.most_visits]
type = "int"
unit = "appointment"
about = "Most visits."
basis = "national-policy"
by = "started_on"
values = [
  { from = 2021-01-01, value = 3, cites = [{ source = "paper", checked = 2026-01-01 }] },
  { from = 2023-01-01, value = 5, cites = [{ source = "paper", checked = 2026-01-01 }] },
]

[parameters.months_allowed]
type = "int"
unit = "month"
about = "Months allowed."
basis = "statute"
values = [{ from = 2020-01-01, value = 2, cites = [{ source = "paper", checked = 2026-01-01 }] }]

[parameters.slack]
type = "decimal"
places = 1
unit = "full-time equivalent"
about = "Slack."
basis = "assumption"
min = 0.0
max = 2.0
values = [{ from = 2020-01-01, value = 0.5, cites = [{ source = "paper", checked = 2026-01-01 }] }]

[parameters.turning_day]
type = "date"
about = "A day on which the slack doubles."
basis = "local"
values = [{ from = 2020-01-01, value = 2023-06-01, cites = [{ source = "paper", checked = 2026-01-01 }] }]

[parameters.closing_day]
type = "date"
about = "A day after which nothing is asked."
basis = "local"
values = [{ from = 2020-01-01, value = 2030-06-01, cites = [{ source = "paper", checked = 2026-01-01 }] }]

[parameters.some_day]
type = "date"
min = 2020-01-01
max = 2100-12-31
about = "The first day of a duty, which nobody has named."
basis = "national-policy"
values = []
cites = [{ source = "paper", checked = 2026-01-01 }]

[parameters.reading]
type = "code"
words = ["calendar", "business"]
about = "How days are counted."
basis = "national-policy"
values = []
cites = [{ source = "paper", checked = 2026-01-01 }]

[facts]
on = { type = "date", min = 2020-01-01, max = 2100-12-31, always = true, about = "The day asked about." }
started_on = { type = "date", min = 2020-01-01, max = 2100-12-31, always = true, about = "Start." }
visits = { type = "int", unit = "appointment", min = 0, max = 50, about = "Visits." }
ended = { type = "bool", about = "Whether it ended." }
ended_on = { type = "date", min = 2020-01-01, max = 2100-12-31, only_if = "ended", about = "End." }
kind = { type = "code", values = ["light", "heavy", "other"], about = "Kind." }

[members]
name = "members"
about = "The people of the team."
least = 0
most = 20
kinds = { learner = { grade = "learner" }, "settled worker" = { grade = "worker", settled = true, share = 1.0 } }

[members.facts]
grade = { type = "code", values = ["lead", "worker", "learner"], about = "Grade." }
share = { type = "decimal", places = 1, unit = "full-time equivalent", min = 0.1, max = 1.0, about = "Share of full time." }
settled = { type = "bool", about = "Whether settled in." }

[derived]
learners = { is = "count(members, grade == 'learner')", unit = "person", about = "Learners." }
helpers = { is = "count(members, grade in ('lead', 'worker') and settled)", unit = "person", about = "Helpers." }
work_share = { is = "total(members, share, grade == 'worker')", unit = "full-time equivalent", about = "Share of work." }
spread = { is = "max(learners, helpers) - min(learners, helpers)", unit = "person", about = "Spread." }
double = { is = "(helpers if ended else learners) * 1 + 1", unit = "person", about = "Some count or other." }
due_on = { is = "add_months(started_on, months_allowed)", about = "Due." }
pace = { about = "How fast it goes.", first = [
  { when = "kind == 'heavy'", value = "'slow'" },
  { when = "ended", value = "'none'" },
  { otherwise = "'quick'" },
] }
last = { is = "min(due_on, ended_on) if ended else due_on", about = "Last day." }
half = { is = "divide_up(visits, max(1, helpers * helpers + 1))", unit = "appointment / person / person", about = "A share." }
slack_now = { is = "slack if on < turning_day else slack + slack", unit = "full-time equivalent", about = "Slack on the day." }
asked = { is = "on >= turning_day and on <= closing_day", about = "Whether it is asked." }
pairs = { is = "divide_down(helpers * learners, max(1, helpers))", unit = "person", about = "Pairs." }
nearest = { is = "round_half_up((helpers + helpers) * helpers, max(1, learners + 1))", unit = "person", about = "A share, to the nearest." }
overrun = { is = "days_between(due_on, ended_on)", unit = "day", only_if = "ended", about = "How late it ended." }
ends_by = { is = "'no_end' if not ended else 'late' if overrun > 0 else 'in_time'", about = "How it ended." }
later = { is = "add_days(started_on, days_between(started_on, due_on))", about = "Due, the long way." }

[assume]
ends_after_start = { that = "ended_on >= started_on", at = "ended_on", message = "it ends before it starts" }

[stages]
over = { when = "on > last", about = "Over." }
running = { otherwise = true, about = "Running." }

[rules."toy.visits"]
title = "There are not too many visits"
basis = "national-policy"
in_force = { from = 2021-01-01 }
must = "visits <= most_visits"
not_met = "{visits} visits"
remedy = "Fewer visits."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.learners"]
title = "Learners do not outnumber helpers"
basis = "national-policy"
in_force = { from = 2020-01-01 }
must = "learners <= helpers"
not_met = "{learners} learners to {helpers} helpers"
remedy = "One learner fewer."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.nearest"]
title = "There are visits for each helper"
basis = "national-policy"
in_force = { from = 2020-01-01 }
applies = "nearest > 1 or ends_by in ('late', 'no_end')"
should = "nearest > 0 and ends_by != 'late'"
not_met = "{nearest} for each, {overrun} late"
remedy = "More visits."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.some-day"]
title = "It ended"
basis = "national-policy"
in_force = { from_parameter = "some_day" }
must = "ended"
not_met = "not ended"
remedy = "End it."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.share"]
title = "Work is within the slack"
basis = "assumption"
in_force = { from = 2020-01-01 }
applies = "kind != 'other'"
should = "work_share <= slack_now or pace == 'slow'"
not_met = "{work_share} against {slack_now}"
remedy = "Less work."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.spread"]
title = "The spread is not exactly one"
basis = "local"
in_force = { from = 2020-01-01 }
must = "spread != 1 and double < 5 * 1"
not_met = "{spread}"
remedy = "Change the spread."
cites = [{ source = "paper", checked = 2026-01-01 }]

[rules."toy.equal"]
title = "Half is one"
basis = "local"
in_force = { from = 2020-01-01 }
applies = "not (half == 0) and half >= 0 * 1 and asked"
must = "half == 1 or later > last"
not_met = "{half}"
remedy = "Halve it."
cites = [{ source = "paper", checked = 2026-01-01 }]

[[rules."toy.reading"]]
title = "The first wording"
basis = "national-policy"
in_force = { from = 2020-01-01, to = 2021-12-31, by = "started_on" }
must = "ended"
not_met = "not ended"
remedy = "End it."
cites = [{ source = "paper", checked = 2026-01-01 }]

[[rules."toy.reading"]]
title = "The second wording"
basis = "national-policy"
in_force = { from = 2022-01-01, by = "started_on" }
should = "(reading == 'calendar' and on > due_on) or (reading == 'business' and on >= due_on)"
not_met = "not past {due_on}"
remedy = "Wait."
notes = "A day on which both readings agree needs no reading."
cites = [{ source = "paper", checked = 2026-01-01 }]

[due]
due_on = { label = "due day", rule = "toy.reading", while = "not ended and visits > 0" }
"""
TEXT = TEXT.replace("double < 5 * 1", "double < helpers + 1").replace("half >= 0 * 1", "visits > 0")


def raw() -> dict[str, Any]:
    """The toy rules file as read, for a test to change."""
    return copy.deepcopy(parse_toml(TEXT, "toy.toml"))


def toy_area(content: dict[str, Any] | None = None, spec: AreaSpec = NO_SPEC) -> Area:
    """The toy area, or what a changed content makes of it."""
    document = document_from(raw() if content is None else content, "toy.toml")
    return build(document, "toy.toml", spec)
