"""OPML, the format in which feed readers exchange lists of feeds: http://opml.org/spec2.opml

    for outline in read_opml(data, name="feeds.opml"): ...
    write_opml([Outline(url="https://example.org/feed", title="Example")])

What it deliberately does not do: it keeps no folders. A list of feeds is flat here; what groups them are the rules and routes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from ..errors import AlertsError

__all__ = ["Outline", "read_opml", "write_opml"]

OPML_BYTES_MAX = 10_000_000
TITLE_CHARS_MAX = 200


class Outline(NamedTuple):
    """One feed of a list."""

    url: str
    title: str = ""


def read_opml(data: bytes, *, name: str) -> list[Outline]:
    """The feeds of a list, those in folders too, each once. Raises `AlertsError` in one line that begins with `name`."""
    if len(data) > OPML_BYTES_MAX:
        raise AlertsError(f"{name}: larger than {OPML_BYTES_MAX // 1_000_000} MB")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise AlertsError(f"{name}:{line}:{column}: not XML, and so no OPML: {error.msg.partition(', line')[0]}") from None
    if not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise AlertsError(f"{name}: not OPML: it begins with <{root.tag}>")
    outlines = {outline.url: outline for outline in map(_outline, root.iter("outline", "Outline")) if outline.url}
    if not outlines:
        raise AlertsError(f"{name}: no feed in it: no outline has an xmlUrl")
    return list(outlines.values())


def _outline(element: etree._Element) -> Outline:
    attributes = {str(name).lower(): " ".join(str(value).split()) for name, value in element.attrib.items()}
    title = attributes.get("title") or attributes.get("text", "")
    return Outline(attributes.get("xmlurl", ""), title[:TITLE_CHARS_MAX])


def write_opml(outlines: Iterable[Outline]) -> bytes:
    """A list of feeds as OPML 2.0."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds of alerts"
    body = etree.SubElement(root, "body")
    for outline in outlines:
        etree.SubElement(body, "outline", type="rss", text=outline.title, title=outline.title, xmlUrl=outline.url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
