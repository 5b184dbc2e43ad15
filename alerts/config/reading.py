"""Reads nodes: what is wrong is noted, and a default stands in for it, so that one reading finds every fault."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from ..documents import Node, read_document
from ..errors import Fault, Place, PlacedError
from ..records import Severity
from ..routing import is_language
from .values import Reference

__all__ = [
    "DURATION_MAX",
    "DURATION_MIN",
    "VARIABLE",
    "Reader",
    "did_you_mean",
    "duration_in",
    "no_duration",
    "no_language",
    "raw",
    "scheme",
    "tokens",
]

DURATION_MIN = timedelta(seconds=1)
DURATION_MAX = timedelta(days=36_500)
SECRET_CHARACTERS_MIN = 4
TOKEN_CHARACTERS_MIN = 16
SECRET_FILE_BYTES_MAX = 65_536

VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<how>[-?])(?P<rest>[^{}]*))?\})")
_LONG = re.compile(r'"([^"]{150})[^"]+"')
"""What a line about a fault quotes, where it is more than people read."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Reader:
    """Reads nodes, and gathers faults, warnings, secrets and the files read on the way."""

    def __init__(self, *, base: Path, environ: Mapping[str, str]) -> None:
        self.base = base
        self.environ = environ
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.references: list[Reference] = []
        self.feeds: list[tuple[Node, str]] = []
        """The feeds that routes name."""
        self.secrets: set[str] = set()
        self.files: list[Path] = []
        self.folders: list[Path] = []

    def fault(self, at: Node | Place, message: str) -> None:
        self.faults.append(Fault(at.place if isinstance(at, Node) else at, _LONG.sub(r'"\1…"', message)))

    def mapping(
        self,
        node: Node | None,
        what: str,
        *,
        known: Collection[str] = (),
        later: Collection[str] = (),
        required: Sequence[str] = (),
        alone: str = "",
    ) -> dict[str, Node]:
        """The entries of a mapping; without `known` its keys are free. A text is short for a mapping of the one key `alone`."""
        if node is None:
            return {}
        if node.value == "":
            if required:
                self.fault(node, f'{what} has no "{required[0]}"; nothing stands here')
            return {}
        if isinstance(node.value, str) and alone:
            return {alone: node}
        if not isinstance(node.value, dict):
            self.fault(node, f"{what} is a mapping (key: value)" + (" or a text" if alone else ""))
            return {}
        for key, place in node.keys.items():
            if key in later:
                self.fault(place, f'"{key}" is not supported by this version yet; remove it')
            elif known and key not in known:
                self.fault(place, f'unknown key "{key}"{did_you_mean(key, known)}')
        for key in required:
            if key not in node.value or not node.value[key].value:
                self.fault(node, f'{what} has no "{key}"')
        return node.value

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list."""
        if node is None or node.value == "":
            return []
        if isinstance(node.value, list):
            return node.value
        self.fault(node, f"{what} is a list (- item)")
        return []

    def texts(self, node: Node | None) -> list[tuple[Node, str]]:
        """One text or a list of texts, each with its node."""
        if node is None:
            return []
        return [(item, self.text(item)) for item in (node.value if isinstance(node.value, list) else [node])]

    def text(self, node: Node | None, default: str = "") -> str:
        """A text with its variables filled in."""
        return "".join(text for text, _ in self._pieces(node)) or default

    def secret(self, node: Node | None, *, spelt_out: bool = True) -> str:
        """A text whose variables are secrets; with `spelt_out` it is one itself."""
        pieces = self._pieces(node)
        text = "".join(piece for piece, _ in pieces)
        self.keep_secret(piece for piece, expanded in pieces if expanded)
        self.keep_secret([text] if spelt_out else [])
        return text

    def address(self, node: Node | None, default: str = "") -> str:
        """An address whose variables are secrets, as is any password in it."""
        faults = len(self.faults)
        pieces = self._pieces(node)
        masked = "".join("\0" * len(text) if expanded else text for text, expanded in pieces)
        low, high = _user_part(masked)
        url, position = "", 0
        for text, expanded in pieces:
            url += quote(text, safe="") if expanded and low <= position < high else text
            position += len(text)
        self.keep_secret(piece for piece, expanded in pieces if expanded)
        self.keep_secret(_passwords(url))
        if len(self.faults) > faults:
            return ""
        if node and node.value and not url:
            self.fault(node, "this address is empty")
        return url or default

    def duration(self, node: Node | None, default: timedelta, *, least: timedelta = DURATION_MIN) -> timedelta:
        """A number with its unit: 30s, 5m, 2h, 7d."""
        text = self.text(node)
        return default if node is None or not text else self.duration_of(node, text, default, least=least)

    def duration_of(self, node: Node, text: str, default: timedelta, *, least: timedelta = DURATION_MIN) -> timedelta:
        """The same of a part of a text."""
        duration = duration_in(text)
        if duration is None:
            self.fault(node, no_duration(text))
            return default
        if not least <= duration <= DURATION_MAX:
            self.fault(node, f'"{text}" is out of bounds; the least is {least.total_seconds():.0f}s, the most {DURATION_MAX.days}d')
        return duration

    def language(self, node: Node | None) -> str:
        """A language tag; what can be none is warned of, since no report will have it."""
        text = self.text(node)
        if node is not None and text and not is_language(text):
            self.warnings.append(Fault(node.place, no_language(text)))
        return text

    def age(self, node: Node | None, default: timedelta | None) -> timedelta | None:
        """A duration, or 0 for no maximum."""
        return None if self.text(node) == "0" else self.duration(node, default or DURATION_MAX)

    def count(self, node: Node | None, default: int, *, least: int) -> int:
        """A whole number."""
        text = self.text(node)
        if node is None or not text:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= least:
            return int(text)
        self.fault(node, f'"{text}" is no whole number of at least {least}')
        return default

    def flag(self, node: Node | None, *, default: bool) -> bool:
        """`true` or `false`, in YAML's usual spellings."""
        text = self.text(node).lower()
        if node is not None and text and text not in _FLAGS:
            self.fault(node, f'"{text}" is neither true nor false')
        return _FLAGS.get(text, default)

    def is_off(self, node: Node | None) -> bool:
        """Whether somebody wrote `off` (or no, false)."""
        return node is not None and _FLAGS.get(self.text(node).lower() if isinstance(node.value, str) else "", True) is False

    def path(self, node: Node | None, default: str = "") -> Path:
        """A path, relative to the configuration. It need not lead anywhere yet, but it must be one."""
        text = self.text(node, default)
        path = self.base / text
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            pass  # whoever reads it says so
        except (OSError, ValueError) as error:
            if node is not None:
                self.fault(node, f'"{text}" cannot be read: {getattr(error, "strerror", error)}')
        return path

    def nodes_in(self, node: Node) -> Iterable[Node]:
        """The documents of the YAML files in the folder that a text names; in each a mapping, or a list of them, or nothing.

        Hidden files and folders are not read: in a folder that Kubernetes mounts, they hold every file a second time.
        """
        faults = len(self.faults)
        folder = self.path(node)
        if len(self.faults) > faults:
            return
        self.folders.append(folder)
        if not folder.is_dir():
            self.fault(node, f'no folder "{self.text(node)}"; write a list, or a folder of YAML files')
            return
        found = (path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file())
        for path in sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)):
            self.files.append(path)
            try:
                documents = read_document(path)
            except PlacedError as error:
                self.faults += error.faults
                continue
            for document in documents:
                if document.value:
                    yield from document.value if isinstance(document.value, list) else [document]

    def severity(self, node: Node | None) -> Severity | None:
        """A severity by name."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in set(Severity):
            return Severity(text)
        self.fault(node, f'no severity "{text}"{did_you_mean(text, [one.value for one in Severity])}')
        return None

    def zone(self, node: Node | None) -> ZoneInfo | None:
        """A time zone by its name in the IANA database."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in (zones := available_timezones()):
            return ZoneInfo(text)
        self.fault(node, f'no time zone "{text}"{did_you_mean(text, zones)}; zones are named as in Europe/London')
        return None

    def _pieces(self, node: Node | None) -> list[tuple[str, bool]]:
        """The parts of a scalar in order, and whether each stood for a variable."""
        if node is None:
            return []
        if not isinstance(node.value, str):
            self.fault(node, "a text is wanted here")
            return []
        pieces, position = [], 0
        for found in VARIABLE.finditer(node.value):
            pieces.append((node.value[position : found.start()], False))
            pieces.append((self._variable(node, found), True) if found["name"] else ("$", False))
            position = found.end()
        pieces.append((node.value[position:], False))
        if any("${" in text for text, expanded in pieces if not expanded):
            self.fault(node, "a ${ that begins no variable; write ${X}, ${X:-default} or ${X:?message}, and $$ for a dollar sign")
        return [piece for piece in pieces if piece[0]]

    def _variable(self, node: Node, found: re.Match[str]) -> str:
        name, how, rest = found["name"], found["how"], found["rest"] or ""
        value = self.environ.get(name)
        if value is None and (file := self.environ.get(f"{name}_FILE")):
            value = self._content(node, name, self.base / file)
        if value or (value is not None and not how):
            return value
        if how != "-":
            self.fault(node, f"the variable {name} is {'not set' if value is None else 'empty'}" + (f": {rest}" if rest else ""))
        return rest if how == "-" else ""

    def _content(self, node: Node, name: str, file: Path) -> str:
        self.files.append(file)
        try:
            with file.open("rb") as stream:
                data = stream.read(SECRET_FILE_BYTES_MAX + 1)
            if len(data) <= SECRET_FILE_BYTES_MAX:
                return data.decode().strip()
            why = f"larger than {SECRET_FILE_BYTES_MAX} bytes"
        except OSError as error:
            why = error.strerror or "unreadable"
        except UnicodeDecodeError:
            why = "not UTF-8"
        self.fault(node, f"the file that {name}_FILE names cannot be used: {why}")
        return ""

    def keep_secret(self, values: Iterable[str]) -> None:
        for value in values:
            self.secrets.update(one for one in (value, quote(value, safe="")) if len(one) >= SECRET_CHARACTERS_MIN)


def duration_in(text: str) -> timedelta | None:
    """The duration that a text states: a number with its unit, 30s, 5m, 2h, 7d or 2w."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text)
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    except OverflowError:  # a thousand million weeks
        return timedelta.max


def no_duration(text: str) -> str:
    """What is said of a text that states none."""
    return f'"{text}" is no duration; write 30s, 5m, 2h or 7d'


def no_language(text: str) -> str:
    """What is said of a tag that can be no language's."""
    return f'"{text}" is no language; languages are written as in en, ar, zh-Hant'


def raw(node: Node | None) -> str:
    """A scalar as written."""
    return node.value if node and isinstance(node.value, str) else ""


def scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _user_part(url: str) -> tuple[int, int]:
    """From where to where user and password stand in an address."""
    start = url.find("://") + 3
    end = min((at for at in (url.find(mark, start) for mark in "/?#") if at >= 0), default=len(url))
    return (start, url.rfind("@", start, end)) if start > 2 else (0, 0)


def _passwords(url: str) -> list[str]:
    """The passwords that stand in an address: before the host, and in parameters called so."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    named = [value for key, value in parse_qsl(parts.query) if re.search(r"pass|secret|token|key", key, re.IGNORECASE)]
    return [*named, *(found for found in (parts.password or "", unquote(parts.password or "")) if found)]


def tokens(url: str) -> list[str]:
    """The parts of a channel's address that look like a service's token: long, without spaces, with digits."""
    return [part for part in re.split(r"[/:@?&=,#]+", url) if len(part) >= TOKEN_CHARACTERS_MIN and re.search(r"[0-9]", part)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error line about a name that there is not."""
    near = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
