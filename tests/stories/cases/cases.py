"""The written cases: each a function from a scene to the reports that come in, with what a subscriber should hear of each.

    @case
    def another_town_hit_by_the_same_weapon_is_another_event(scene): ...

Its name is the sentence. `headlines` feeds bring titles alone, `texts` feeds the body as well; a case that is about one of them says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.records import Article
from tests.builders import NOON
from tests.stories.cases.scenes import VOICES, Event, Scene

__all__ = ["CASES", "Report", "article_of"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report and what is true of it.

    Reports of the same `event` belong to one story, those of different ones never; the first of an event is news. `event` is empty where
    either is right. With `doubt` a second alert is allowed, though no other event's story is. `says` holds words of which the update must
    show one; `quiet` forbids an update.
    """

    title: str
    event: str = "a"
    doubt: bool = False
    text: str = ""
    hours: float = 0.0
    feed: str = ""
    says: tuple[str, ...] = ()
    quiet: bool = False
    link: str = ""
    published: float | None = None
    """Hours at which it claims to be published, where that is not when it came."""
    language: str = "en"
    in_text: bool = False
    """Only the text tells what it is about: of its headline alone nobody could."""


Case = Callable[[Scene], Sequence[Report]]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """Register a written case."""
    CASES[function.__name__] = function
    return function


def told(event: Event, voice: int = 0, /, **more: object) -> Report:
    """The event as one reporter tells it."""
    return Report(title=event.headline(voice), text=event.text(voice), **more)  # type: ignore[arg-type]  # a test's shorthand


def article_of(report: Report, number: int, *, full: bool) -> Article:
    """The report as the log carries it: the body of a full-text feed, or the headline alone."""
    fetched = NOON + timedelta(hours=report.hours, seconds=5 * number)
    published = fetched if report.published is None else NOON + timedelta(hours=report.published)
    feed = report.feed or f"Feed {number}"
    return Article(
        id=f"a{number}",
        feed=feed,
        url=report.link or f"https://example.org/{number}",
        title=report.title,
        summary=report.text if full else "",
        language=report.language,
        published=published,
        fetched=fetched,
    )


# Another event


@case
def another_town_hit_by_the_same_weapon_is_another_event(scene: Scene) -> Sequence[Report]:
    here, there = scene.event, scene.event.told(place=scene.other.place, toll=scene.other.toll, district=scene.other.district)
    return [
        told(here),
        told(there, hours=1, event="b"),
        told(here, 2, hours=1.5, doubt=True),
        told(there, 3, hours=2, event="b", doubt=True),
    ]


@case
def another_town_hit_by_the_same_weapon_with_the_same_toll_is_another_event(scene: Scene) -> Sequence[Report]:
    there = scene.event.told(place=scene.other.place, district=scene.other.district, witness=scene.other.witness)
    return [told(scene.event), told(there, hours=2, event="b", feed="Same paper")]


@case
def the_same_town_hit_the_next_day_is_a_new_event(scene: Scene) -> Sequence[Report]:
    next_day = scene.other.told(place=scene.event.place)
    return [told(scene.event), told(next_day, 0, hours=25, event="b"), told(next_day, 3, hours=26, event="b", doubt=True)]


@case
def another_toll_the_next_day_is_a_new_event(scene: Scene) -> Sequence[Report]:
    day, next_day = scene.event, scene.event.told(toll=scene.other.toll, witness=scene.other.witness, district=scene.other.district)
    return [told(day), told(next_day, hours=27, event="b")]


@case
def the_same_group_and_weapon_in_another_town_is_another_event(scene: Scene) -> Sequence[Report]:
    group, event, other = scene.groups[0], scene.event, scene.other
    line = "{group} claims {weapon} on {target} in {place}, {toll} dead"
    return [
        Report(
            title=line.format(group=group, weapon=event.weapon.en, target=event.target.en, place=place.en, toll=toll),
            text=f"{group} said on its channel that it was behind {event.weapon.a} in {place.en}. Medics counted {toll} dead.",
            hours=hours,
            event=name,
        )
        for place, toll, hours, name in ((event.place, event.toll, 0, "a"), (other.place, other.toll, 3, "b"))
    ]


@case
def another_group_in_the_same_town_is_another_event(scene: Scene) -> Sequence[Report]:
    place, weapon = scene.event.place.en, scene.event.weapon
    return [
        Report(
            title=f"{group} fighters attack army checkpoint outside {place}",
            text=f"Fighters of {group} opened fire on a checkpoint {where} {place}, the army said. It spoke of {toll} dead.",
            hours=hours,
            event=name,
        )
        for group, where, toll, hours, name in (
            (scene.groups[0], "north of", scene.event.toll, 0, "a"),
            (scene.groups[1], "on the southern road out of", scene.other.toll, 7, "b"),
        )
    ] + [
        Report(title=f"{weapon.en.capitalize()} reported in {place}", text=f"Residents of {place} report {weapon.a}.", hours=30, event="c")
    ]


@case
def a_report_that_names_two_towns_of_one_weapon_and_group_is_neither_of_two_others(scene: Scene) -> Sequence[Report]:
    group, weapon = scene.groups[0], scene.event.weapon.en
    return [
        Report(
            title=f"{group}: {weapon} in {scene.event.place.en} and {scene.other.place.en} in one night",
            text=f"{group} said it carried out {scene.event.weapon.a} each in {scene.event.place.en} and {scene.other.place.en}.",
        ),
        Report(
            title=f"{group}: {weapon} in {scene.third.en}, army says",
            text=f"The army blamed {group} for {scene.event.weapon.a} in {scene.third.en}.",
            hours=4,
            event="b",
        ),
    ]


@case
def a_new_event_that_recalls_yesterdays_elsewhere_is_new(scene: Scene) -> Sequence[Report]:
    old, new = scene.event, scene.other.told(weapon=scene.event.weapon)
    return [
        told(old),
        told(old, 1, hours=1, doubt=True),
        Report(
            title=f"{new.weapon.en.capitalize()} in {new.place.en} kills {new.toll}, a day after blast in {old.place.en}",
            text=f"{new.text(2)} It came a day after {old.weapon.a} in {old.place.en} in which {old.toll} people died.",
            hours=23,
            event="b",
        ),
    ]


@case
def one_name_in_two_countries_is_two_places(scene: Scene) -> Sequence[Report]:
    name, here, here_says, there, there_says = scene.ambiguous
    weapon, target, toll = scene.event.weapon, scene.event.target.en, scene.event.toll
    return [
        Report(
            title=f"{toll} killed by {weapon.a} at {target} in {name}, {country}",
            text=f"{weapon.a.capitalize()} killed {toll} people in {name}, the {says} said. {country} declared a day of mourning.",
            hours=hours,
            event=event,
        )
        for country, says, hours, event in ((here, here_says, 0, "a"), (there, there_says, 2, "b"))
    ]


@case
def another_town_that_only_the_text_names_is_another_event(scene: Scene) -> Sequence[Report]:
    here, there = scene.event, scene.other.told(toll=scene.event.toll, weapon=scene.event.weapon, target=scene.event.target)
    title = f"{here.weapon.en.capitalize()} on {here.target.en} kills {here.toll}, officials say"
    second = title.replace("officials", "medics")
    return [
        Report(title=title, text=here.text(0)),
        Report(title=second, text=there.text(2), hours=6, event="b", in_text=True),
    ]


@case
def a_second_strike_on_the_same_town_in_one_day_is_a_new_event(scene: Scene) -> Sequence[Report]:
    first, second = scene.event, scene.other.told(place=scene.event.place, weapon=scene.event.weapon)
    weapon, place = first.weapon.en, first.place.en
    return [
        told(first),
        Report(
            title=f"Second {weapon} of the day hits {place}, {second.toll} killed at {second.target.en}",
            text=f"A second {weapon} within hours hit {place}, this time {second.district}. {second.text(1)}",
            hours=6,
            event="b",
        ),
    ]


@case
def another_target_in_the_same_town_on_one_day_is_a_new_event(scene: Scene) -> Sequence[Report]:
    first = scene.event
    second = scene.other.told(place=first.place, weapon=first.weapon)
    return [
        told(first),
        told(second, hours=5, event="b"),
        told(first, 1, hours=5.5, doubt=True),
        told(second, 2, hours=6, event="b", doubt=True),
    ]


@case
def another_weapon_in_the_same_town_on_one_day_is_a_new_event(scene: Scene) -> Sequence[Report]:
    return [told(scene.event), told(scene.other.told(place=scene.event.place), hours=5, event="b")]


# One event


@case
def a_rewritten_headline_is_no_new_event(scene: Scene) -> Sequence[Report]:
    return [told(scene.event, voice, hours=voice * 0.4) for voice in range(VOICES)]


@case
def a_town_in_another_spelling_is_the_same_town(scene: Scene) -> Sequence[Report]:
    elsewhere = scene.event.told(place=scene.event.place._replace(en=scene.event.place.variant))
    return [told(scene.event), told(elsewhere, 0, hours=1), told(elsewhere, 4, hours=2)]


@case
def a_wire_copy_in_twenty_feeds_is_one_event(scene: Scene) -> Sequence[Report]:
    title = scene.event.headline(3)
    dressed = (title, f"{title} - Daily Post", f"{title} | Wire Service", f"UPDATE 1-{title}", title.upper())
    return [Report(title=dressed[n % 5], text=scene.event.text(3), hours=n * 0.05) for n in range(20)]


@case
def a_headline_feed_and_a_full_text_feed_report_one_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [
        Report(title=event.headline(0)),
        told(event, 1, hours=0.5),
        Report(title=event.headline(3), hours=0.8),
        told(event, 2, hours=1),
    ]


@case
def a_translation_is_the_same_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    found = [told(event)]
    for hours, language in enumerate(("ar", "ru", "fr"), start=1):
        title, text = event.translated(language)
        found.append(Report(title=title, text=text, hours=hours * 0.5, language=language))
    return found


@case
def another_event_in_another_language_is_not_swallowed(scene: Scene) -> Sequence[Report]:
    there = scene.event.told(place=scene.other.place)
    languages = ("ar", "ru", "fr")
    return [told(scene.event)] + [
        Report(title=title, text=text, hours=1 + hours, event="b", doubt=True, language=language)
        for hours, language in enumerate(languages)
        for title, text in (there.translated(language),)
    ]


@case
def what_is_known_so_far_is_no_new_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    recap = f"What we know about the {event.weapon.en} on the {event.target.en} in {event.place.en}"
    return [told(event), told(event, 1, hours=1, doubt=True), Report(title=recap, text=event.text(4), hours=5)]


# What is new in it


@case
def a_rising_toll_within_hours_is_an_update_that_says_it(scene: Scene) -> Sequence[Report]:
    event = scene.event
    later = event.told(toll=event.toll + 7)
    title = f"Death toll from {event.place.en} {event.target.en} {event.weapon.en} rises to {later.toll}"
    return [told(event), told(event, 1, hours=0.5, doubt=True), Report(title=title, text=later.text(2), hours=4, says=(str(later.toll),))]


@case
def a_toll_that_rises_again_and_again_is_told_each_time(scene: Scene) -> Sequence[Report]:
    event = scene.event
    found = [told(event)]
    for step in range(1, 5):
        later = event.told(toll=event.toll + 6 * step)
        title = f"Death toll from {event.weapon.en} in {event.place.en} rises to {later.toll}"
        found.append(Report(title=title, text=later.text(step), hours=2.5 * step, says=(str(later.toll),)))
    return found


@case
def a_higher_toll_in_otherwise_the_same_words_is_an_update(scene: Scene) -> Sequence[Report]:
    later = scene.event.told(toll=scene.event.toll + 5)
    return [told(scene.event), told(later, hours=2, says=(str(later.toll),))]


@case
def a_rising_toll_is_told_of_its_own_event_and_not_of_another_in_the_same_town(scene: Scene) -> Sequence[Report]:
    first, second = scene.event, scene.other.told(place=scene.event.place)
    later = second.told(toll=max(first.toll, second.toll) + 5)
    title = f"Death toll from {second.weapon.en} on {second.target.en} in {second.place.en} rises to {later.toll}"
    return [
        told(first),
        told(second, hours=5, event="b"),
        Report(title=title, text=later.text(1), hours=8, event="b", says=(str(later.toll),)),
    ]


@case
def a_toll_that_many_papers_bring_is_told_once(scene: Scene) -> Sequence[Report]:
    event = scene.event
    later = event.told(toll=event.toll + 7)
    title = f"Death toll from {event.place.en} {event.target.en} {event.weapon.en} rises to {later.toll}"
    return [
        told(event),
        Report(title=title, text=later.text(2), hours=4, says=(str(later.toll),)),
        Report(title=f"{title}, officials say", text=later.text(3), hours=4.2, quiet=True),
        told(later, 0, hours=4.5, quiet=True, doubt=True),
    ]


@case
def an_older_toll_from_a_slow_paper_is_nothing_new(scene: Scene) -> Sequence[Report]:
    event = scene.event
    later = event.told(toll=event.toll + 5)
    return [
        told(event),
        told(later, hours=2, says=(str(later.toll),)),
        Report(title=f"{event.headline()}, medics say", text=event.text(1), hours=3, quiet=True),
    ]


@case
def a_toll_that_is_revised_down_is_an_update_that_says_it(scene: Scene) -> Sequence[Report]:
    event = scene.event
    lower = event.told(toll=event.toll - 2)
    title = f"Death toll from {event.weapon.en} on {event.place.en} {event.target.en} revised down to {lower.toll}"
    return [told(event), Report(title=title, text=lower.text(1), hours=5, says=(str(lower.toll), "correct"))]


@case
def a_correction_that_many_papers_bring_is_told_once(scene: Scene) -> Sequence[Report]:
    event = scene.event
    title = f"CORRECTED-{event.headline()}"
    first = Report(title=title, text=event.text(), hours=2, says=("correct",))
    return [told(event), first, *(Report(title=title, text=event.text(), hours=2 + n * 0.1, quiet=True) for n in range(1, 3))]


@case
def a_corrected_toll_is_an_update_that_says_correction(scene: Scene) -> Sequence[Report]:
    event = scene.event
    lower = event.toll - 2
    title = f"Correction: {event.weapon.en} on {event.target.en} in {event.place.en} killed {lower}, not {event.toll}"
    text = f"An earlier version of this report gave a wrong number of dead. {event.told(toll=lower).text(0)}"
    return [told(event), Report(title=title, text=text, hours=3, says=("correct",))]


@case
def a_correction_under_the_same_headline_is_an_update_that_says_so(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [told(event), Report(title=f"CORRECTED-{event.headline()}", text=event.text(), hours=2, says=("correct",))]


@case
def a_withdrawn_report_is_an_update_that_says_so(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [
        told(event, feed="Wire"),
        Report(
            title=f"WITHDRAWN: {event.headline()}",
            text="This report has been withdrawn because its facts could not be confirmed.",
            hours=3,
            feed="Wire",
            says=("withdrawn", "retract"),
        ),
    ]


@case
def a_retraction_of_the_report_at_its_own_link_is_an_update_that_says_so(scene: Scene) -> Sequence[Report]:
    event = scene.event
    link = f"https://wire.example/{scene.number}"
    title = f"Wire retracts report of {event.weapon.en} on {event.place.en}"
    return [
        told(event, feed="Wire", link=link),
        Report(title=title, text="The report is retracted.", hours=3, feed="Wire", link=link, says=("withdrawn", "retract")),
    ]


# Time


@case
def a_look_back_after_some_days_is_no_new_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [
        told(event),
        told(event, 1, hours=1, doubt=True),
        Report(
            title=f"Two days after the {event.weapon.en} on the {event.target.en}, {event.place.en} buries its dead",
            text=f"Families in {event.district} of {event.place.en} buried the {event.toll} people killed when {event.weapon.a} hit the "
            f"{event.target.en} on their street. {event.witness} was among the mourners.",
            hours=47,
            quiet=True,
        ),
    ]


@case
def an_anniversary_swallows_no_new_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    title = f"A year after the {event.weapon.en} on {event.place.en}, families remember {event.toll + 20} dead"
    text = f"On the anniversary of the {event.weapon.en} on a {event.target.en} in {event.place.en} a year ago, relatives lit candles."
    return [Report(title=title, text=text, event="anniversary"), told(event, hours=4)]


@case
def an_anniversary_is_no_update_of_a_new_event(scene: Scene) -> Sequence[Report]:
    event = scene.event
    title = f"Ten years on: {event.place.en} remembers the {scene.other.weapon.en} that killed {event.toll + 20}"
    text = f"Ten years ago {scene.other.weapon.a} killed {event.toll + 20} people in {event.place.en}. Survivors gathered at a memorial."
    return [told(event), Report(title=title, text=text, hours=6, event="", quiet=True), told(event, 1, hours=7, doubt=True)]


@case
def a_live_blog_is_told_once_a_day_and_each_day(scene: Scene) -> Sequence[Report]:
    title = f"Live updates: fighting around {scene.event.place.en}"
    hours = (0, 8, 16, 24.5, 33, 41, 49.5, 60)
    days = "aaabbbcc"
    return [Report(title=title, hours=hour, event=day, feed="Live desk") for hour, day in zip(hours, days, strict=True)]


@case
def a_late_report_joins_its_event_and_not_a_newer_one(scene: Scene) -> Sequence[Report]:
    event = scene.event
    newer = scene.other.told(place=event.place)
    return [told(event), told(newer, hours=30, event="b"), told(event, 0, hours=32, published=1, feed="Slow paper")]


@case
def a_late_report_reopens_no_story_that_has_left(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [told(event), told(scene.other, hours=80, event="b"), told(event, hours=81, published=1, event="late", feed="Slow paper")]


@case
def a_date_in_the_future_is_no_date(scene: Scene) -> Sequence[Report]:
    event = scene.event
    return [
        told(event),
        told(scene.other, hours=1, published=9000, event="b"),
        told(event, 0, hours=2, feed="Second paper"),
        told(scene.other, 0, hours=3, event="b", feed="Second paper"),
    ]
