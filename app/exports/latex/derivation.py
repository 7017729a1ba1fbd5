"""The document: a run derived from its words to the weights after a step, with every number put in."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

import numpy as np

from app.engine import OuterSum
from app.engine.network import Array
from app.experiments.run import Run
from app.exports.latex.cells import CELLS, Step, steps_of
from app.exports.latex.ends import BACKS, OUTPUTS
from app.exports.latex.writing import (
    SHOWN,
    Equation,
    aligned,
    equation,
    matrix,
    number,
    row,
    shown_steps,
    word,
)

LISTED = 24  # words of the sentence, and rows of W_xh, that are listed
DOCUMENT = Template(r"""% Written by Unrolled. Any TeX engine compiles it.
% pdfTeX writes a word in another script as its place in the sentence; XeLaTeX and LuaLaTeX write it out
% when \setmainfont names a font that has the script.
\documentclass[11pt,fleqn]{article}
\usepackage[a4paper,margin=18mm]{geometry}
\usepackage{amsmath}
\ifdefined\pdftexversion
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
  \newcommand{\other}[2]{[word #1]}
\else
  \usepackage{fontspec}
  \newcommand{\other}[2]{#2}
\fi
\allowdisplaybreaks
\setlength{\mathindent}{0pt}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\title{Backpropagation through time, with its numbers}
\author{}
\date{}
\begin{document}
\maketitle
$body
\end{document}
""")
KINDS = {"elman": "An Elman network", "lstm": "An LSTM", "gru": "A GRU"}
BREAK = " \\\\\n&\\quad + "
CHAINS = {
    "left_to_right": "from left to right",
    "right_to_left": "from right to left; it starts from the state after the last word",
}


def derivation(run: Run) -> bytes:
    """The document, as UTF-8."""
    sections = (_question, _weights, _forward, _output, _back, _sums, _update)
    return DOCUMENT.substitute(
        body="\n\n".join(part for section in sections for part in section(run))
    ).encode()


def plural(count: int, noun: str) -> str:
    """The count and the noun."""
    return f"{count} {noun}{'s' * (count != 1)}"


def _question(run: Run) -> Iterator[str]:
    network, count = run.network, len(run.words)
    yield (
        f"{KINDS[network.cell]} with {plural(network.hidden_size, 'hidden unit')} reads "
        f"{plural(count, 'word')}. Vectors are rows. Numbers are rounded to four decimals; they were "
        "computed with about sixteen digits. Of a long row or column the first three entries and the last "
        "are shown."
    )
    if count > 2 * SHOWN:
        first, last = SHOWN + 1, count - SHOWN
        yield f"Steps {first} to {last} are computed like the others and left out; the sums include them."
    yield r"\section*{The words}"
    shown = list(zip(run.words, run.ids, strict=True))[:LISTED]
    lines = [f"{t} & {word(text, t)} & {k + 1} \\\\" for t, (text, k) in enumerate(shown, 1)]
    head = r"\begin{tabular}{rlr} $t$ & word & its row of $W_{xh}$ \\ \hline"
    yield "\n".join([head, *lines, r"\end{tabular}"])
    if count > LISTED:
        yield f"{count - LISTED} more words are not listed."


def _weights(run: Run) -> Iterator[str]:
    yield r"\section*{The weights}"
    for group, names in run.parameters.items():
        if group in CHAINS and run.network.bidirectional:
            yield f"The chain {CHAINS[group]}:"
        equations = [
            equation(symbol(name), matrix(values)) for name, values in names.items() if name != "W_xh"
        ]
        if group in CHAINS:
            equations[:0] = _rows(run, names["W_xh"])
        yield aligned(equations)
    h_0 = run.forward.h_prev[0]
    yield aligned([equation("h_0", row(h_0)), equation(r"\eta", number(run.experiment.learning_rate))])


def _rows(run: Run, values: Array) -> list[Equation]:
    """The rows of W_xh, or of anything of its shape, that belong to the words of the sentence."""
    read = list(dict.fromkeys(run.ids))[:LISTED]
    places = {k: t for t, k in reversed(list(enumerate(run.ids, 1)))}
    return [
        equation(rf"W_{{xh}}[\text{{{word(run.words[places[k] - 1], places[k])}}}]", row(values[k]))
        for k in read
    ]


def symbol(name: str) -> str:
    """W_xh as LaTeX writes it."""
    letter, _, index = name.partition("_")
    return f"{letter}_{{{index}}}"


def _chains(run: Run) -> Iterator[tuple[str, list[Step]]]:
    for name in run.network.chains:
        yield name, steps_of(run, run.parameters, name)


def _forward(run: Run) -> Iterator[str]:
    yield r"\section*{Forward}"
    for name, steps in _chains(run):
        if run.network.bidirectional:
            yield f"The chain {CHAINS[name]}:"
        walked = [steps[t] for t in shown_steps(len(steps))]
        for step in walked[:: -1 if name == "right_to_left" else 1]:
            text = word(run.words[step.t], step.t + 1)
            yield rf"\textbf{{Step {step.name}, ``{text}''}}" "\n" + aligned(
                CELLS[run.network.cell].forward(step)
            )


def _output(run: Run) -> Iterator[str]:
    yield r"\section*{Prediction and loss}"
    yield from OUTPUTS[run.network.per_step](run)


def _back(run: Run) -> Iterator[str]:
    yield r"\section*{Back through time}"
    yield from BACKS[run.network.per_step](run)
    for name, steps in _chains(run):
        if run.network.bidirectional:
            yield f"The chain {CHAINS[name]}, against its order; $W_{{hy}}$ stands for the rows that read it:"
        walked = [steps[t] for t in shown_steps(len(steps))]
        for step in walked[:: 1 if name == "right_to_left" else -1]:
            yield rf"\textbf{{Step {step.name}}}" "\n" + aligned(CELLS[run.network.cell].backward(step))
    if run.network.cell == "gru":
        yield r"$\tilde\delta_t$ is $\delta_t$ with $\delta^n_t \odot r_t$ in the place of $\delta^n_t$."


# What h_{t-1}, x_t and 1 are multiplied by in a step's contribution.
FACTORS = {
    "elman": {"W_xh": r"x_t^{\top} \delta_t", "W_hh": r"h_{t-1}^{\top} \delta_t", "b_h": r"\delta_t"},
    "lstm": {"W_xh": r"x_t^{\top} \delta_t", "W_hh": r"h_{t-1}^{\top} \delta_t", "b_h": r"\delta_t"},
    "gru": {
        "W_xh": r"x_t^{\top} \delta_t",
        "W_hh": r"h_{t-1}^{\top} \tilde\delta_t",
        "b_h": r"\delta_t",
        "b_hn": r"\delta^n_t \odot r_t",
    },
}
OUTSIDE = {
    "outside": r"\frac{\partial L}{\partial h_t}",
    "mixed": r"(\partial L / \partial h_1 \text{ at the first step, } \delta_t \text{ later})",
}


def _sums(run: Run) -> Iterator[str]:
    yield r"\section*{What each step adds}"
    yield (
        "The same weights act at every step, so a gradient is the sum of what each step adds to it. "
        + (
            r"Where $b_h$ stands outside $f$ it is not multiplied by $f'$."
            if run.network.bias in OUTSIDE
            else ""
        )
    ).strip()
    for group, names in run.gradients.items():
        if group in CHAINS and run.network.bidirectional:
            before = (
                ""
                if group == "left_to_right"
                else r" Here $h_{t-1}$ stands for the state that enters, $h_{t+1}$."
            )
            yield f"The chain {CHAINS[group]}:{before}"
        equations: list[Equation] = []
        for name in names:
            equations += _sum_of(run, group, name)
        yield aligned(equations)


def _sum_of(run: Run, group: str, name: str) -> list[Equation]:
    gradient, left = run.gradients[group][name], rf"\frac{{\partial L}}{{\partial {symbol(name)}}}"
    if group == "readout":
        return [equation(left, matrix(gradient.total))]
    factor = FACTORS[run.network.cell][name]
    if name == "b_h" and run.network.bias in OUTSIDE:
        factor = OUTSIDE[run.network.bias]
    formula = rf"\sum_{{t=1}}^{{{len(run.words)}}} {factor}"
    if name == "W_xh":
        rows = [
            Equation(each.left.replace("W_", r"\partial L / \partial W_", 1), each.sides)
            for each in _rows(run, gradient.total)
        ]
        return [equation(left, formula), *rows]
    terms = [matrix(_contribution(gradient, t)) for t in shown_steps(len(run.words))]
    if len(run.words) > 2 * SHOWN:
        terms.insert(SHOWN, r"\cdots")
    return [equation(left, formula, BREAK.join(terms), matrix(gradient.total))]


def _contribution(gradient: OuterSum, t: int) -> Array:
    """What step t adds, of a parameter but W_xh."""
    right: Array = gradient.right[t, 0]
    if gradient.left is None:
        return right
    assert isinstance(gradient.left, np.ndarray)
    added: Array = np.outer(gradient.left[t, 0], right)
    return added


def _update(run: Run) -> Iterator[str]:
    update, limit = run.update, run.experiment.clip_norm
    yield r"\section*{One step downhill}"
    first, step = [equation(r"\lVert g \rVert", number(update.gradient_norm))], r"\eta"
    if limit is not None:
        scale = rf"\min\left(1, \frac{{{number(limit)}}}{{\lVert g \rVert}}\right)"
        first, step = [*first, equation("s", scale, number(update.clip_scale))], r"s\,\eta"
    yield "The gradient $g$ is all gradients together." + "\n" + aligned(first)
    yield rf"\[ W \leftarrow W - {step}\, \frac{{\partial L}}{{\partial W}} \]"
    for group, names in update.parameters.items():
        if group in CHAINS and run.network.bidirectional:
            yield f"The chain {CHAINS[group]}:"
        equations = _rows(run, names["W_xh"]) if "W_xh" in names else []
        others = ((symbol(name), values) for name, values in names.items() if name != "W_xh")
        yield aligned([*equations, *(equation(left, matrix(values)) for left, values in others)])
    if update.loss is None:
        yield f"With these weights there is no loss: {word(update.problem or '', 0, 10**6)}."
        return
    promise = rf"L - {step}\,\lVert g \rVert^2"
    yield aligned(
        [
            equation(r"L_{\text{after}}", number(update.loss)),
            equation(r"L_{\text{predicted}}", promise, number(update.predicted_loss)),
        ]
    )
