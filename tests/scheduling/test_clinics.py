"""Places and their times: hours by New York's clock and its changes, holidays, languages, faults in the file."""

import datetime

import pytest

from bot.content import Content
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place
from bot.flow_engine.reading import read_sources
from bot.opening_hours import NEW_YORK
from bot.scheduling.clinics import Clinic, Schedule, Visit, rings
from bot.scheduling.reminder_times import is_quiet, reminder_times

DAY = datetime.date


def clinic(byday: str, opens: str, closes: str, minutes: int = 30, **other: object) -> Clinic:
    begin, end = datetime.time.fromisoformat(opens), datetime.time.fromisoformat(closes)
    schedule = Schedule(frozenset(byday.split()), begin, end, minutes, 1)
    return Clinic("here", "bronx", "1 Street", frozenset({"en"}), False, frozenset({"court"}), (schedule,), **other)


def hours(place: Clinic, *days: datetime.date) -> list[str]:
    return [f"{begin:%m-%d %H:%M %z}" for begin, _ in place.times(days)]


@pytest.mark.parametrize(
    ("byday", "opens", "closes", "minutes", "day", "expected", "why"),
    [
        ("TU", "10:00", "11:00", 30, DAY(2026, 12, 1), ["10:00", "10:30"], "the last one ends when the place closes"),
        ("TU", "10:00", "10:50", 30, DAY(2026, 12, 1), ["10:00"], "there is no half of an appointment"),
        ("TU", "10:00", "11:00", 30, DAY(2026, 12, 2), [], "another day of the week"),
        ("SU", "01:30", "04:00", 30, DAY(2027, 3, 14), ["01:30", "03:00", "03:30"], "two to three does not exist"),
        ("SU", "00:30", "02:30", 60, DAY(2026, 11, 1), ["00:30", "01:30"], "one to two comes twice, and counts once"),
    ],
)
def test_times_of_a_day(
    byday: str, opens: str, closes: str, minutes: int, day: datetime.date, expected: list[str], why: str
) -> None:
    found = [f"{begin:%H:%M}" for begin, _ in clinic(byday, opens, closes, minutes).times([day])]
    assert found == expected, why


def test_ten_o_clock_stays_ten_o_clock_when_the_clock_changes() -> None:
    place = clinic("MO", "10:00", "10:30")
    assert hours(place, DAY(2026, 10, 26), DAY(2026, 11, 2)) == ["10-26 10:00 -0400", "11-02 10:00 -0500"]


def test_closed_days_and_valid_days() -> None:
    assert hours(clinic("TU", "10:00", "10:30", closed_on=frozenset({DAY(2026, 12, 1)})), DAY(2026, 12, 1)) == []
    schedule = Schedule(
        frozenset({"TU"}), datetime.time(10), datetime.time(11), 60, 1, DAY(2026, 12, 2), DAY(2026, 12, 8)
    )
    found = [day for day in (DAY(2026, 12, 1), DAY(2026, 12, 8), DAY(2026, 12, 15)) if list(schedule.on(day))]
    assert found == [DAY(2026, 12, 8)]


def test_no_place_is_open_on_the_citys_holidays(content: Content) -> None:
    content.clock = lambda: datetime.datetime(2026, 11, 23, 9, 0, tzinfo=NEW_YORK)
    thanksgiving, next_week = DAY(2026, 11, 26), DAY(2026, 12, 3)
    assert any(list(place.times([next_week])) for place in content.places.values())
    assert not any(list(place.times([thanksgiving])) for place in content.places.values())


def test_samples_are_never_offered_in_production(content: Content) -> None:
    content.serve_holds = False
    try:
        assert content.places == {}
    finally:
        content.serve_holds = True


def test_languages_and_topics() -> None:
    place = clinic("TU", "10:00", "11:00")
    assert place.speaks("en")
    assert not place.speaks("ht")
    assert place.helps("court")
    assert place.helps("")
    assert not place.helps("work")


def test_rings_begin_with_the_wish_and_name_every_borough_once() -> None:
    for borough in ("bronx", "brooklyn", "manhattan", "queens", "staten_island"):
        found = [other for ring in rings(borough) for other in ring]
        assert found[0] == borough
        assert len(set(found)) == len(found) == 5
    assert len(next(rings("any"))) == 5


@pytest.mark.parametrize("key", ["", "/", "here/", "here/x", "here/-1", "here/٣", None, 7, "/7x"])
def test_what_is_no_visit(key: object) -> None:
    assert Visit.read(key) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Tue, Dec 1, 10:00 AM"),
        ("es", "mar, 1 dic, 10:00"),
        ("zh-Hans", "12月1日周二 10:00"),
        ("ht", "madi 1 desanm, 10:00"),
    ],
)
def test_times_as_each_language_writes_them(content: Content, language: str, expected: str) -> None:
    key = Visit(int(datetime.datetime(2026, 12, 1, 10, tzinfo=NEW_YORK).timestamp()), "bronx_sample").key
    assert content.of_visit(key, "when", language) == expected
    assert content.of_visit(key, "address", language).startswith("100 Sample Street")


# --- reminders ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "expected", "why"),
    [
        ("2026-12-01 10:00", ["11-30 10:00", "12-01 08:00"], "the same hour the day before; two hours before"),
        ("2026-12-01 09:00", ["11-30 09:00", "12-01 08:00"], "two hours before is night: when the night is over"),
        ("2026-12-01 08:15", ["11-30 08:15"], "a quarter of an hour before is of no use"),
        ("2026-12-01 21:00", ["11-30 20:30", "12-01 19:00"], "in the evening before the quiet hours"),
        ("2027-03-14 10:00", ["03-13 10:00", "03-14 08:00"], "a day of 23 hours lies between"),
        ("2026-11-01 10:00", ["10-31 10:00", "11-01 08:00"], "a day of 25 hours lies between"),
    ],
)
def test_when_reminders_are_due(start: str, expected: list[str], why: str) -> None:
    seconds = int(datetime.datetime.fromisoformat(start).replace(tzinfo=NEW_YORK).timestamp())
    found = [f"{datetime.datetime.fromtimestamp(due, NEW_YORK):%m-%d %H:%M}" for _, due in reminder_times(seconds)]
    assert found == expected, why


@pytest.mark.parametrize(("time", "quiet"), [("07:59", True), ("08:00", False), ("21:00", False), ("21:01", True)])
def test_quiet_hours(time: str, quiet: bool) -> None:
    assert is_quiet(datetime.datetime.fromisoformat(f"2026-12-01 {time}").replace(tzinfo=NEW_YORK)) is quiet


# --- faults in the file ---------------------------------------------------------------------------

GOOD = """clinics:
  here:
    name: Here
    borough: bronx
    address_1: 1 Street
    city: Bronx, NY
    languages: [en]
    schedules:
      - {byday: [TU], opens_at: "10:00", closes_at: "12:00", minutes: 30, capacity: 2}
    source: Somebody
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("borough: bronx", "borough: bronks", '"bronks" is none of: bronx'),
        ("[TU]", "[Tuesday]", '"Tuesday" is none of: MO'),
        ('"10:00"', '"10"', "clock of 24 hours"),
        ('"10:00"', '"25:00"', "clock of 24 hours"),
        ('"12:00"', '"10:15"', "no time for one appointment"),
        ("minutes: 30", "minutes: 0", "number from 5 to 480"),
        ("capacity: 2", "capacity: many", "number from 1 to 500"),
        ("languages: [en]", "languages: [klingon]", '"klingon" is none of'),
        ("    languages: [en]\n", "", "speaks no language"),
        ("    source: Somebody\n", "", "has no `source`"),
        ("    address_1: 1 Street\n", "", "has no `address_1`"),
        ("    name: Here", "    nane: Here", '"nane" is not a part'),
        (", capacity: 2", "", "has no capacity"),
        ("  here:", "  Here There:", "cannot be the id of a place"),
        ("source: Somebody", "source: Somebody\n    closed_on: [soon]", "not a date"),
    ],
)
def test_a_fault_in_the_file_is_told_where_it_stands(old: str, new: str, message: str) -> None:
    assert not read_sources({"flows/clinics.yml": GOOD}).problems
    found = read_sources({"flows/clinics.yml": GOOD.replace(old, new)}).problems
    assert any(message in problem.message for problem in found), found
    assert all(problem.place.line > 1 for problem in found)


def test_our_own_places_have_no_fault(content: Content) -> None:
    assert len(content.flows.clinics) >= 5


def test_a_slot_that_is_nought_is_said_and_one_that_is_empty_is_not(content: Content) -> None:
    words = Words("{children} and {borough}.", "", "say", Place("flows/x.yml"))
    assert content.text(words, "en", {"children": 0, "borough": None}) == "0 and ."
