"""The panels under the stage: words to numbers, parameters, symbols, slips of the notes, the update."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.experiments.query import to_query
from app.experiments.run import Run
from app.pages.asked import run_asked
from app.pages.asker import root_of
from app.pages.benched import benched
from app.pages.counting import Counter, UpdateTable, counter, update_table
from app.pages.rendering import part_or_page
from app.pages.slips import Slip, slips
from app.pages.symbols import Symbol, module_note, symbols
from app.pages.words import Words, words_panel
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)
NAMES = 14


@dataclass(frozen=True)
class Panels:
    """Everything below the stage, ready to be placed."""

    words: Words
    counter: Counter
    symbols: tuple[Symbol, ...]
    module_note: str
    slips: tuple[Slip, ...]
    update: UpdateTable
    json: str

    @property
    def wide(self) -> bool:
        """Whether the names are too many to stand beside another panel."""
        return len(self.symbols) > NAMES


def panels(run: Run, root: str = "") -> Panels:
    """The panels of a run; `root` is the path the product is served under."""
    return Panels(
        words=words_panel(run, root),
        counter=counter(run),
        symbols=symbols(run),
        module_note=module_note(run),
        slips=slips(run, root),
        update=update_table(run),
        json=f"{root}/api/v1/run?{to_query(run.experiment)}",
    )


@router.get("/panels")
async def fragment(request: Request) -> Response:
    """The panels of an experiment, as the page loads them; as a page of its own without scripts."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    run, view = run_asked(request)
    heading, shown = _("Words, parameters, symbols, slips"), panels(run, root_of(request))
    return part_or_page(request, "_panels.html", heading, view, run.experiment, panels=shown)
