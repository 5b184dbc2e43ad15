"""Addresses: which hosts a feed may live on, how one is shown to people, and when two links are one.

What it deliberately does not do: it resolves no name. `is_public` judges the address that is about to be connected to, because a name
that was looked up earlier may point elsewhere by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

__all__ = ["canonical", "is_public", "is_web", "names_an_article", "shown"]

_CLOSED = tuple(
    ip_network(each)
    for each in (
        "168.63.129.16/32",  # Azure's metadata, in the midst of public addresses
        "192.0.0.0/24",  # RFC 6890; Oracle's metadata is 192.0.0.192
        "192.88.99.0/24",  # RFC 7526: relays to 6to4
        "2001::/23",  # RFC 2928: Teredo and other tunnels
        "3fff::/20",  # RFC 9637: documentation
    )
)
"""What the standard library of some version that we run on takes for public, and is not."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out for global unicast (RFC 4291 §2.4)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address

_DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "at_")
"""Google Analytics, Matomo, Piano Analytics (once AT Internet), as their handbooks name them."""
_TRACKING_NAMES = """
    _ga _gl dclid gbraid gclid gclsrc srsltid wbraid
    fbclid igsh igshid mibextid
    msclkid ttclid twclid yclid ysclid li_fat_id
    pk_campaign pk_cid pk_content pk_keyword pk_kwd pk_medium pk_source
    _hsenc _hsmi mc_cid mc_eid mkt_tok vero_id wt_mc wt.mc_id
    cmp cmpid ncid ocid xtor
    emc ns_campaign ns_mchannel ns_source maca smid traffic_source
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
"""Query parameters that say who led the reader here, not what the page is. By line: Google; Meta; Microsoft, TikTok, X, Yandex, LinkedIn;
Matomo; mailings (HubSpot, Mailchimp, Marketo, Vero, Webtrekk); campaigns (Adobe's, AT Internet's); publishers' own for their feeds."""

_TRACKING_PAIRS = frozenset(f"{name}={value}" for name in ("ref", "source", "src", "from", "partner", "via") for value in ("rss", "feed"))
"""Parameters that mean something elsewhere, with a value that says that they do not here."""


def is_public(address: str) -> bool:
    """Whether this IP address lies in the public internet, and so does every address that is embedded in it (mapped, NAT64, 6to4)."""
    try:
        return all(_is_global(ip) for ip in _unwrapped(ip_address(address)))
    except ValueError:
        return False


def _unwrapped(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    if isinstance(ip, IPv4Address):
        yield ip
    elif ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
    elif ip in _NAT64:
        yield IPv4Address(ip.packed[-4:])
    else:
        yield ip
        if ip.sixtofour is not None:
            yield ip.sixtofour


def _is_global(ip: IPv4Address | IPv6Address) -> bool:
    # `is_global` alone lets multicast, ::/96 and site-local addresses pass.
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in network for network in _CLOSED)


def is_web(url: str) -> bool:
    """Whether this is an `http:` or `https:` address with a host."""
    parts = _split(url)
    return parts is not None and parts.scheme in _DEFAULT_PORTS and bool(parts.hostname)


def shown(url: str) -> str:
    """The address for people and logs: without user, password, query and fragment, any of which may hold a secret."""
    parts = _split(url)
    if parts is None:
        return "an address that cannot be read"
    if parts.scheme not in _DEFAULT_PORTS:
        return f"{parts.scheme}:{parts.path}" if parts.scheme == "file" else f"{parts.scheme or 'no scheme'}:..."
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def canonical(url: str) -> str:
    """One spelling for all links to one page, or "" for what is no link.

    Scheme and host in lower case, no default port, no fragment, no tracking parameters. `http` counts as `https`: the two have served
    the same page wherever both answer, and feeds of one publisher mix them.
    """
    parts = _split(url.strip())
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    host = parts.hostname.rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return f"https://{host}{port}{parts.path or '/'}{'?' if query else ''}{query}"


def names_an_article(link: str) -> bool:
    """Whether a canonical link can stand for one article: a site's front page cannot, though feeds put it into every entry."""
    return bool(link) and link.partition("://")[2].partition("/")[2] != ""


def _tracks(pair: str) -> bool:
    pair = pair.lower()
    name = pair.partition("=")[0]
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or pair in _TRACKING_PAIRS


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is no number
    except ValueError:
        return None
    return parts
