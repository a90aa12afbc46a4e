"""Random weeks of curfew and random steps: good ones, so that there is something to judge."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

import attrs

from probation_rules import CurfewPeriod, CurfewSteps, Step
from probation_rules.areas.curfew_variation.timetable import DAY, DAYS, WEEK

PLACES = ("home", "other", "third")


def period(start: int, minutes: int, place: str = "home") -> CurfewPeriod:
    """A period that begins at a minute of the week, the week's end being its beginning."""
    days, minute = divmod(start % WEEK, DAY)
    return CurfewPeriod(
        day=DAYS[days],  # type: ignore[arg-type]  # one of the seven
        start=time(*divmod(minute, 60)),
        minutes=minutes,
        place=place,
    )


def start_of(one: CurfewPeriod) -> int:
    """The minute of the week at which a period begins."""
    return DAYS.index(one.day) * DAY + one.start.hour * 60 + one.start.minute


def week(random: Random) -> tuple[CurfewPeriod, ...]:
    """Some periods that do not overlap: often twelve hours a night, else anything."""
    if random.random() < 0.5:
        start, minutes = random.choice((18, 19, 20)) * 60, random.choice((60, 720, 960, 961))
        return tuple(period(day * DAY + start, minutes) for day in range(7))
    cuts = sorted(random.sample(range(WEEK), 2 * random.randint(1, 6)))
    offset = random.randrange(WEEK)
    return tuple(
        period(first + offset, min(last - first, DAY), random.choice(PLACES))
        for first, last in zip(cuts[::2], cuts[1::2], strict=True)
    )


def varied(random: Random, before: tuple[CurfewPeriod, ...]) -> tuple[CurfewPeriod, ...]:
    """A week wanted in place of another: the same, later, elsewhere, split, or something else."""
    later = random.choice((60, 240, 720, DAY - 1, DAY))
    match random.randrange(5):
        case 0:
            return before
        case 1:
            return tuple(period(start_of(one) + later, one.minutes, one.place) for one in before)
        case 2:
            place = random.choice(PLACES)
            return tuple(attrs.evolve(one, place=place) for one in before)
        case 3 if before[0].minutes > 1:
            first, *rest = before
            half = first.minutes // 2
            two = [
                period(start_of(first), half, first.place),
                period(start_of(first) + half, first.minutes - half, first.place),
            ]
            return (*two, *rest)
    return week(random)


def steps(random: Random, first: date, last: date, unknown: float) -> CurfewSteps:
    """Steps, some of them done: mostly the first ones, and mostly in order."""
    reached, day = random.randint(0, 10), first
    made = {}
    for place, name in enumerate(attrs.fields_dict(CurfewSteps)):
        done = (place < reached) != (random.random() < 0.03)
        day = min(last, day + timedelta(days=random.choice((0, 0, 1, 7))))
        dated = day if random.random() > 0.05 else first
        known = random.random() > unknown
        on = dated if known and done and random.random() > unknown else None
        made[name] = Step(done=done if known else None, on=on)
    return CurfewSteps(**made)
