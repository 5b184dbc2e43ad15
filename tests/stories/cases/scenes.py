"""Who, what and where of the written cases: names that are swapped at random, and reporters who word one event differently."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import NamedTuple

__all__ = ["AMBIGUOUS", "VOICES", "Event", "Scene", "scene"]

VOICES = 5


class Place(NamedTuple):
    """A town of the shipped watchlists, and how others write it."""

    en: str
    variant: str
    ar: str
    ru: str
    fr: str


class Weapon(NamedTuple):
    """What hits: bare, with its article, and in other languages."""

    en: str
    a: str
    ar: str
    ru: str
    fr: str


class Target(NamedTuple):
    """What is hit."""

    en: str
    ar: str
    ru: str
    fr: str


PLACES = (
    Place("Raqqa", "Rakka", "الرقة", "Ракка", "Raqqa"),
    Place("Aleppo", "Halab", "حلب", "Алеппо", "Alep"),
    Place("Kharkiv", "Kharkov", "خاركيف", "Харьков", "Kharkiv"),
    Place("Khan Younis", "Khan Yunis", "خان يونس", "Хан-Юнис", "Khan Younès"),
    Place("Port Sudan", "Port Sudan", "بورتسودان", "Порт-Судан", "Port-Soudan"),
    Place("Hodeidah", "Hodeida", "الحديدة", "Ходейда", "Hodeïda"),
    Place("Mosul", "Mossul", "الموصل", "Мосул", "Mossoul"),
    Place("Idlib", "Idleb", "إدلب", "Идлиб", "Idleb"),
    Place("Odesa", "Odessa", "أوديسا", "Одесса", "Odessa"),
    Place("Nabatieh", "Nabatiyeh", "النبطية", "Набатия", "Nabatiyé"),
    Place("Kherson", "Kherson", "خيرسون", "Херсон", "Kherson"),
    Place("El Fasher", "al-Fashir", "الفاشر", "Эль-Фашир", "El-Facher"),
    Place("Mogadishu", "Mogadiscio", "مقديشو", "Могадишо", "Mogadiscio"),
)
WEAPONS = (
    Weapon("air strike", "an air strike", "غارة جوية", "Авиаудар", "Frappe aérienne"),
    Weapon("drone attack", "a drone attack", "هجوم بطائرة مسيرة", "Атака беспилотников", "Attaque de drone"),
    Weapon("missile strike", "a missile strike", "قصف صاروخي", "Ракетный удар", "Frappe de missile"),
    Weapon("car bomb", "a car bomb", "سيارة مفخخة", "Взрыв заминированного автомобиля", "Explosion d'une voiture piégée"),
    Weapon("suicide bombing", "a suicide bombing", "تفجير انتحاري", "Теракт смертника", "Attentat-suicide"),
    Weapon("rocket attack", "a rocket attack", "هجوم صاروخي", "Ракетный обстрел", "Tir de roquettes"),
)
TARGETS = (
    Target("market", "سوق", "рынок", "marché"),
    Target("hospital", "مستشفى", "больница", "hôpital"),
    Target("school", "مدرسة", "школа", "école"),
    Target("bakery", "مخبز", "пекарня", "boulangerie"),
    Target("bus station", "محطة حافلات", "автовокзал", "gare routière"),
    Target("fuel depot", "مستودع وقود", "нефтебаза", "dépôt de carburant"),
)
GROUPS = ("Islamic State", "Hezbollah", "Hamas", "the Houthis", "Boko Haram", "al-Shabaab", "the Taliban", "Hayat Tahrir al-Sham")
DISTRICTS = ("the Textile district", "the Railway quarter", "the Nahda suburb", "the Corniche", "the Mill quarter", "the Salam estate")
WITNESSES = ("Samir Haddad", "Olena Bondar", "Yusuf Adam", "Mariam Idris", "Taras Koval", "Layla Nasser", "Abdi Warsame", "Huda Karim")
MOMENTS = (
    "shortly before dawn",
    "around midday",
    "during the evening rush",
    "just after midnight",
    "in the early afternoon",
    "at breakfast time",
)
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen")

AMBIGUOUS = (
    ("Tripoli", "Lebanon", "Lebanese army", "Libya", "Libyan coast guard"),
    ("Tripoli", "Lebanon", "Lebanese Red Cross", "Libya", "Libyan interior ministry"),
    ("Tripoli", "Lebanon", "Lebanese hospital officials", "Libya", "Libyan Red Crescent"),
)
"""One name, two countries: the name, and each country with whom its reports quote."""


@dataclass(frozen=True)
class Event:
    """Something that happened once, and how its reporters word it."""

    place: Place
    weapon: Weapon
    target: Target
    toll: int
    district: str
    witness: str
    moment: str

    def told(self, **changed: object) -> Event:
        """The same event as it is told elsewhere or later: another toll, another spelling."""
        return replace(self, **changed)  # type: ignore[arg-type]  # a test's shorthand

    @property
    def word(self) -> str:
        return WORDS[self.toll].capitalize() if self.toll < len(WORDS) else str(self.toll)

    def headline(self, voice: int = 0) -> str:
        """The event in the words of one of `VOICES` reporters."""
        place, weapon, target = self.place.en, self.weapon, self.target.en
        return (
            f"{weapon.en.capitalize()} on {target} in {place} kills {self.toll}",
            f"{self.word} dead after {weapon.a} hits {place} {target}, medics say",
            f"{place}: {self.toll} people killed as {target} is struck by {weapon.a}",
            f"At least {self.toll} killed in {weapon.en} that hit {place} {target}",
            f"Deadly {weapon.en} on {place} {target}: {self.toll} killed, dozens wounded",
        )[voice % VOICES]

    def text(self, voice: int = 0) -> str:
        """What a full-text feed adds to the headline."""
        place, weapon, target = self.place.en, self.weapon, self.target.en
        return (
            f"{weapon.a.capitalize()} on a {target} in {self.district} of {place} killed {self.toll} people {self.moment}, health "
            f"workers said. {self.witness}, who was nearby, spoke of a single blast. Rescuers were searching the rubble of the {target}.",
            f"{place} - Medics in {place} counted {self.toll} bodies after the {target} in {self.district} was hit by {weapon.a} "
            f'{self.moment}. "I saw smoke over the {target}," said {self.witness}. Dozens more were wounded.',
            f"At least {self.toll} people have been killed in {place} by {weapon.a}, local officials say. It hit a {target} in "
            f"{self.district} {self.moment}. Residents, among them {self.witness}, carried the wounded to a clinic.",
            f"The {target} in {self.district}, in {place}, was crowded {self.moment} when {weapon.a} hit it, killing {self.toll}, "
            f"according to rescue workers. A resident, {self.witness}, said that the {target} was still burning hours later.",
            f"{self.toll} people died and dozens were hurt {self.moment} in {weapon.a} on {self.district}, {place}, the health "
            f"office said. The {target} was destroyed. {self.witness}, a shopkeeper, lost two relatives.",
        )[voice % VOICES]

    def translated(self, language: str) -> tuple[str, str]:
        """Headline and first sentence of a report in Arabic, Russian or French."""
        place, weapon, target, toll = self.place, self.weapon, self.target, self.toll
        return {
            "ar": (
                f"مقتل {toll} أشخاص في {weapon.ar} على {target.ar} في {place.ar}",
                f"قال مسعفون إن {toll} أشخاص قتلوا في {weapon.ar} استهدف {target.ar} في {place.ar} وأصيب العشرات بجروح.",
            ),
            "ru": (
                f"{place.ru}: {weapon.ru.casefold()}, погибли {toll} человек",
                f"{weapon.ru} — {place.ru}. Пострадал объект: {target.ru}. Погибли {toll} человек, десятки ранены, сообщили медики.",
            ),
            "fr": (
                f"{weapon.fr} sur un {target.fr} à {place.fr} : {toll} morts",
                f"Au moins {toll} personnes ont été tuées à {place.fr} ({weapon.fr.casefold()}). Le {target.fr} est détruit.",
            ),
        }[language]


@dataclass(frozen=True)
class Scene:
    """One draw: two unlike events, and names that none of them uses."""

    event: Event
    other: Event
    groups: tuple[str, str, str]
    third: Place
    ambiguous: tuple[str, str, str, str, str]
    number: int


def scene(number: int) -> Scene:
    """The scene of this number; the same wherever it is drawn."""
    draw = random.Random(number)
    places, weapons, targets = draw.sample(PLACES, 3), draw.sample(WEAPONS, 2), draw.sample(TARGETS, 2)
    districts, witnesses, moments = draw.sample(DISTRICTS, 2), draw.sample(WITNESSES, 2), draw.sample(MOMENTS, 2)
    tolls = draw.sample(range(4, 13), 2)
    one, other = (Event(places[n], weapons[n], targets[n], tolls[n], districts[n], witnesses[n], moments[n]) for n in range(2))
    groups = draw.sample(GROUPS, 3)
    return Scene(one, other, (groups[0], groups[1], groups[2]), places[2], draw.choice(AMBIGUOUS), number)
