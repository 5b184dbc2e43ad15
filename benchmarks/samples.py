"""What the benchmark of matching reads: texts with what they hold, written, generated or of a folder of development data.

    written()                 the sentences of tests/data/matching
    typos(1_000)              names of six letters and more with one error of one letter, in sentences of a news desk
    designators(1_000)        sentences with a designator that is not the one listed
    development(folder)       conflict.jsonl (real texts with their names marked) and general.jsonl (nothing of ours)
    articles(folder)          texts of 3.4 kB for speed

Each sample is a list of names and texts; all are the same in every run.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.matching.corpus import WATCHLISTS, Span, sentences

ROOT = Path(__file__).parent.parent
ARTICLE_CHARS = 3_400


@dataclass(frozen=True, slots=True)
class Listed:
    """A name as it is given to every system."""

    name: str
    kind: str = "place"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the names that it holds, and places that are neither right nor wrong."""

    text: str
    spans: tuple[Span, ...] = ()
    neither: tuple[Span, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Texts, and the names to look for in them; `rules` is a file of rules where ours can be told more than names."""

    names: Sequence[Listed]
    texts: Sequence[Text]
    rules: Path | None = None
    terms: frozenset[str] = field(default=frozenset())


def written() -> Sample:
    """The corpus; two towns of one name are one to systems that know no context."""
    texts = [Text(one.text, tuple(_plain(span) for span in one.spans), about=one.about) for one in sentences()]
    return Sample(listed(WATCHLISTS), texts, rules=WATCHLISTS)


def _plain(span: Span) -> Span:
    return span._replace(term=span.term.rpartition(": ")[2])


def listed(file: Path) -> list[Listed]:
    """The names of a file of watchlists."""
    found: dict[str, Listed] = {}
    for document in yaml.safe_load_all(file.read_text("utf-8")):
        for term in document.get("terms", ()):
            one = {"name": term} if isinstance(term, str) else term
            found[one["name"]] = Listed(str(one["name"]), document["kind"], tuple(map(str, one.get("aliases", ()))))
    return list(found.values())


_SENTENCES = (
    "At least nine people were killed when shells hit a market in {} on Sunday, a doctor said.",
    "{} has been without water since the pumping station was hit, residents told the agency.",
    "The army said that it had pushed the rebels back from the outskirts of {} overnight.",
    "Aid workers who reached {} this week described empty shops and full hospitals.",
    "A spokesman denied that troops had left {}, but witnesses saw lorries heading north.",
    "Talks on a prisoner exchange will be held near {} next month, according to two diplomats.",
)


def typos(count: int) -> Sample:
    """One error of one letter a name: another letter, a letter too many or too few, two letters swapped, in equal parts, anywhere."""
    chance = random.Random(5)
    names = [one for file in sorted((ROOT / "rules").rglob("*.yaml")) for one in _places(file)]
    long = [one for one in names if len(one.name) >= 6 and one.name.isascii() and one.name.isalpha()]
    known = {one.name.lower() for one in names}
    texts: list[Text] = []
    while len(texts) < count:
        name = chance.choice(long).name
        wrong = _misspelt(name, chance)
        if wrong.lower() not in known:
            sentence = chance.choice(_SENTENCES)
            start = sentence.index("{")
            texts.append(Text(sentence.format(wrong), (Span(start, start + len(wrong), name),), about="typo"))
    return Sample(names, texts)


def _places(file: Path) -> Iterator[Listed]:
    for document in yaml.safe_load_all(file.read_text("utf-8")):
        if document and document.get("kind") == "place":
            yield from (Listed(term if isinstance(term, str) else str(term["name"])) for term in document.get("terms", ()))


def _misspelt(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    letter = chance.choice(string.ascii_lowercase)
    match chance.randrange(4):
        case 0:
            wrong = name[:at] + letter + name[at + 1 :]
        case 1:
            wrong = name[:at] + letter + name[at:]
        case 2:
            wrong = name[:at] + name[at + 1 :]
        case _:
            at = min(at, len(name) - 2)
            wrong = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    wrong = wrong.capitalize()
    return wrong if wrong != name else _misspelt(name, chance)


_TYPES = ("Tu-22", "Tu-95", "Su-24", "Su-35", "MiG-29", "F-16", "F-35", "S-300", "S-400", "T-72", "T-90", "Mi-8", "Ka-52", "AK-47", "RPG-7")
_CRAFT = (
    "A {} was seen over the border town at dawn, two farmers said.",
    "The ministry signed a contract for twelve {} and their spare parts.",
    "Wreckage of a {} lies in a field east of the river.",
    "Crews trained on the {} for six weeks before the parade.",
)


def designators(count: int) -> Sample:
    """A listed letter group with another number, a digit more or less, or the number with another letter group: none of them is listed."""
    chance = random.Random(6)
    parts = [re.fullmatch(r"([A-Za-z]+)-(\d+)", one) for one in _TYPES]
    pairs = [(one[1], one[2]) for one in parts if one]
    texts: list[Text] = []
    while len(texts) < count:
        letters, number = chance.choice(pairs)
        match chance.randrange(3):
            case 0:
                number = str(chance.randint(1, 999))
            case 1:
                number = number + str(chance.randint(0, 9)) if chance.random() < 0.5 else str(chance.randint(1, 9)) + number
            case _:
                letters = "".join(chance.choices(string.ascii_uppercase, k=chance.randint(1, 2)))
        if (letters.lower(), number) not in {(one.lower(), other) for one, other in pairs}:
            written = letters + chance.choice(("-", "-", "", " ")) + number + chance.choice(("", "", "", "M", "s"))
            texts.append(Text(chance.choice(_CRAFT).format(written), about="designator"))
    return Sample([Listed(name, "weapon") for name in _TYPES], texts)


def development(folder: Path) -> tuple[Sample, Sample]:
    """Real texts with names marked, and general ones in which every find that is not marked is a false alarm."""
    names = [
        Listed(name, kind) for kind, name in (line.split("\t") for line in (folder / "names.tsv").read_text("utf-8").splitlines() if line)
    ]
    return tuple(Sample(names, [_marked(line) for line in _lines(folder / file)]) for file in ("conflict.jsonl", "general.jsonl"))  # type: ignore[return-value]


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def _marked(line: dict[str, object]) -> Text:
    gold, neither = (tuple(Span(one["start"], one["end"], one["term"]) for one in line[key]) for key in ("gold", "neither"))  # type: ignore[attr-defined]
    return Text(str(line["content"]), gold, neither, "real")


def articles(folder: Path | None, count: int) -> list[str]:
    """So many texts of 3.4 kB at most, none twice: of the development data, else words of the common list, the frequent ones more often."""
    if folder is None:
        return [_prose(random.Random(number)) for number in range(count)]
    texts = [str(line["content"]) for file in ("general.jsonl", "conflict.jsonl") for line in _lines(folder / file)]
    random.Random(8).shuffle(texts)
    joined = "\n\n".join(texts)
    return [joined[start : start + ARTICLE_CHARS] for start in range(0, len(joined), ARTICLE_CHARS)][:count]


_WORDS = [word for word in (ROOT / "alerts" / "text" / "words.txt").read_text("utf-8").split() if word.isalpha()]
_WEIGHTS = [1 / (rank + 10) for rank in range(len(_WORDS))]


def _prose(chance: random.Random) -> str:
    words = chance.choices(_WORDS, _WEIGHTS, k=600)
    return " ".join(" ".join(words[at : at + 17]).capitalize() + "." for at in range(0, len(words), 17))[:ARTICLE_CHARS]


def occurring(texts: Sequence[str], count: int) -> list[str]:
    """Words with a capital that the texts hold, the frequent ones first."""
    seen: dict[str, int] = {}
    for text in texts:
        for word in re.findall(r"\b[A-Z][a-z]{5,}\b", text):
            seen[word] = seen.get(word, 0) + 1
    return sorted(seen, key=lambda word: (-seen[word], word))[:count]
