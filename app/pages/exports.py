"""A run to take along: files made from the same address as the page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.experiments.errors import ExperimentError, fault
from app.experiments.experiment import Experiment
from app.experiments.query import parse
from app.experiments.run import Run
from app.exports.latex.derivation import derivation
from app.exports.naming import stem
from app.exports.npz import npz
from app.exports.programs.keras_program import keras_program
from app.exports.programs.numpy_program import numpy_program
from app.exports.programs.pytorch_program import pytorch_program
from app.exports.table_csv import table_csv
from app.exports.worksheet.sheet import worksheet
from app.pages.answers import run_of
from app.pages.asker import root_of
from app.pages.question import own, pairs_of
from app.pages.rendering import render
from app.pages.view import read
from app.serving.problems import Problem
from app.settings import Settings
from app.wording.catalogue import N_

TITLE = 60  # characters of the sentence in the title of a worksheet


@dataclass(frozen=True)
class File:
    """A kind of file. ending: what follows the sentence in its name. title, about: how it is offered."""

    title: str
    about: str
    ending: str
    media_type: str
    content: Callable[[Run, Settings], bytes]


@dataclass(frozen=True)
class Offer:
    """An entry of the menu. path, more: its address, before and behind the query. ending: of the file's name,
    where the answer does not name itself. drawn: what kind of picture the browser makes of it. spoken:
    whether it is in the language of the page."""

    title: str
    about: str
    path: str = ""
    more: str = ""
    ending: str = ""
    drawn: str = ""
    spoken: bool = False


CSV = "text/csv; charset=utf-8"
# Some browsers unpack what is called a zip archive, which NumPy's is.
NPZ = "application/octet-stream"
PYTHON = "text/x-python; charset=utf-8"
LATEX = "text/x-tex; charset=utf-8"
GROUPS: dict[str, dict[str, File]] = {
    N_("Numbers"): {
        "run.csv": File(
            N_("Table (CSV)"), N_("a row for each number, for a spreadsheet"), ".csv", CSV,
            lambda run, limits: table_csv(run, limits.max_csv_numbers),
        ),
        "run.npz": File(
            N_("Arrays (NPZ)"), N_("every array of the run, for NumPy"), ".npz", NPZ,
            lambda run, limits: npz(run, limits.max_npz_numbers),
        ),
    },
    N_("On paper"): {
        "derivation.tex": File(
            N_("Derivation (LaTeX)"), N_("every equation with its numbers"), ".tex", LATEX,
            lambda run, limits: derivation(run),
        ),
    },
    N_("Code that reproduces it"): {
        "numpy.py": File(
            "NumPy", N_("every step written out, forwards and back"), "-numpy.py", PYTHON,
            lambda run, limits: numpy_program(run, limits.max_program_numbers),
        ),
        "pytorch.py": File(
            "PyTorch", N_("the loop, autograd, and its own layer"), "-pytorch.py", PYTHON,
            lambda run, limits: pytorch_program(run, limits.max_program_numbers),
        ),
        "keras.py": File(
            "Keras", N_("its layers with these weights"), "-keras.py", PYTHON,
            lambda run, limits: keras_program(run, limits.max_program_numbers),
        ),
    },
}  # fmt: skip
# Made in the browser: only there is the stage laid out.
PICTURES = (
    (N_("Picture (SVG)"), N_("this frame, for slides and print"), "svg"),
    (N_("Picture (PNG)"), N_("this frame in pixels, twice as fine"), "png"),
    (N_("Animation (GIF)"), N_("every frame, for a slide"), "gif"),
)
FILES = {name: file for files in GROUPS.values() for name, file in files.items()}


def _menu() -> tuple[tuple[str, tuple[Offer, ...]], ...]:
    """What can be taken along, by group."""
    kinds = {
        group: [Offer(file.title, file.about, f"/export/{name}") for name, file in files.items()]
        for group, files in GROUPS.items()
    }
    kinds["Numbers"].append(Offer("JSON", N_("the same for scripts"), "/api/v1/run", ending=".json"))
    kinds["On paper"] += [
        Offer(N_("Worksheet"), N_("with blanks, to print"), "/worksheet", spoken=True),
        Offer(
            N_("Worksheet and answers"),
            N_("the answers on pages of their own"),
            "/worksheet",
            more="&key=1",
            spoken=True,
        ),
    ]
    pictures = [Offer(title, about, drawn=kind) for title, about, kind in PICTURES]
    return tuple((group, tuple(found)) for group, found in {N_("Pictures"): pictures, **kinds}.items())


MENU = _menu()


async def download(request: Request) -> Response:
    """The file of a run. Raises Problem 404 for an unknown one, and 422 with every fault of the question."""
    file = FILES.get(request.path_params["name"])
    if file is None:
        raise Problem(404, f"What can be taken along is {', '.join(FILES)}")
    answered: Response = await request.app.state.workbench.run(_written, request, file)
    return answered


def _written(request: Request, file: File) -> Response:
    run = _run_asked(request)
    content = file.content(run, request.app.state.settings)
    headers = {"Content-Disposition": f'attachment; filename="{name_of(run) + file.ending}"'}
    return Response(content, media_type=file.media_type, headers=headers)


def _run_asked(request: Request, aside: Collection[str] = ()) -> Run:
    """The run of any network, whether the page draws it or not. aside: names that are no fields of it."""
    try:
        return run_of(Experiment(**parse(pairs_of(request), aside)))
    except ExperimentError as error:
        raise Problem(422, str(error), error.errors) from error


def name_of(run: Run) -> str:
    """The name of a run's files, without its ending."""
    return f"unrolled-{stem(run)}"


async def paper(request: Request) -> Response:
    """The worksheet of a run; with key=1 the answers stand on pages of their own. Raises Problem 422."""
    answered: Response = await request.app.state.workbench.run(_printed, request)
    return answered


def _printed(request: Request) -> Response:
    pairs = pairs_of(request)
    run = _run_asked(request, ("key", "lang"))
    key = own(pairs, ("key",)).get("key", "")
    if key not in ("", "0", "1"):
        wrong = fault("key", "0 or 1", key)
        raise Problem(422, wrong.message, [wrong])
    try:
        view = read([pair for pair in pairs if pair[0] == "lang"])
    except ExperimentError as error:
        raise Problem(422, str(error), error.errors) from error
    root, sentence = root_of(request), " ".join(run.words)
    title = sentence if len(sentence) <= TITLE else sentence[: TITLE - 1] + "…"
    return render(
        request, "worksheet.html", sheet=worksheet(run), title=title, key=key == "1",
        query=view.query(run.experiment), back=view.address(run.experiment, root), view=view,
    )  # fmt: skip


router = APIRouter(
    routes=[
        Route("/export/{name}", download, methods=["GET"], include_in_schema=False),
        Route("/worksheet", paper, methods=["GET"], include_in_schema=False),
    ],
)
