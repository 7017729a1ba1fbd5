"""The weights of a run as the options of a list: hundreds with every page, so they are written in one go."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from markupsafe import Markup

from app.experiments.run import Run
from app.labs.entries import CHAINS, leads_from, leads_into
from app.wording.catalogue import _

LISTED = 400
"""Entries that are offered in a list; of a larger network the address is typed."""


def options(run: Run, groups: tuple[str, ...], chosen: str) -> Markup:
    """Every entry of some groups, by parameter; none of a large network. chosen : the address of one."""
    if sum(array.size for named in run.parameters.values() for array in named.values()) > LISTED:
        return Markup()
    listed = "".join(_of(run, group, name) for group in groups for name in run.parameters[group])
    here = f'value="{chosen}"'
    return Markup(listed.replace(here, f"{here} selected", 1))


def _of(run: Run, group: str, name: str) -> str:
    """The entries of one parameter."""
    several = len(run.network.chains) > 1
    title = f"{name}, {_(CHAINS[group])}" if several else name
    return f'<optgroup label="{title}">{"".join(_entries(run, group, name))}</optgroup>'


def _entries(run: Run, group: str, name: str) -> Iterator[str]:
    """Its options, row by row; a vector has but one, which nothing in particular enters."""
    *rows, width = run.parameters[group][name].shape
    columns = [(j, escape(leads_into(run, group, name, j))) for j in range(width)]
    sources = [(f"{i}.", f"{escape(leads_from(run, name, i))} → ") for n in rows for i in range(n)]
    for at, source in sources or [("", "")]:
        head = f'<option dir="auto" value="{group}.{name}.{at}'
        yield from (f'{head}{j}">{name}: {source}{into}</option>' for j, into in columns)
