"""What programs share: where they come from, the words, the numbers, and a step downhill in NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from app.engine import Parameters
from app.engine.network import Array
from app.experiments.errors import ExperimentError, FieldError
from app.experiments.query import permalink
from app.experiments.run import Run

WHOLE = 20_000  # numbers up to which W_xh is written out whole, beyond them only the rows of words read
IN_A_LINE = 4
LONGEST_LINK = 400
NAMES = {"elman": "An Elman network", "lstm": "An LSTM", "gru": "A GRU"}
UPDATED = Template("""\
norm = np.sqrt(sum((g**2).sum() for names in gradients.values() for g in names.values()))
$scale
updated = {
    group: {name: W - learning_rate * scale * gradients[group][name] for name, W in names.items()}
    for group, names in parameters.items()
}

print("y_hat =", y_hat)
print("loss =", loss)
for group, names in gradients.items():
    for name, g in names.items():
        print(f"dL/d{name} of {group} =", g, sep="\\n")
""")
SCALES = {False: "scale = 1.0", True: "scale = min(1.0, clip_norm / norm) if norm > 0 else 1.0"}


@dataclass(frozen=True)
class Embedded:
    """The numbers a program holds. entries: the words of the rows of W_xh. note: what was left out, or ""."""

    parameters: Parameters
    ids: tuple[int, ...]
    entries: tuple[str, ...]
    note: str


def embedded(run: Run, most: int) -> Embedded:
    """The weights of a run. Raises ExperimentError when they are more than `most` numbers."""
    first = run.parameters["left_to_right"]["W_xh"]
    rows = sorted(set(run.ids))
    found = Embedded(run.parameters, run.ids, run.vocabulary, "")
    if first.size > WHOLE and len(rows) < len(first):
        found = _cut(run, rows)
    size = sum(values.size for names in found.parameters.values() for values in names.values())
    if size > most:
        rule = f"parameters must hold at most {most} numbers to be written into a program, got {size}"
        raise ExperimentError([FieldError("parameters", f"{rule}; take the arrays (NPZ) instead", size)])
    return found


def _cut(run: Run, rows: list[int]) -> Embedded:
    parameters = {
        group: {name: values[rows] if name == "W_xh" else values for name, values in names.items()}
        for group, names in run.parameters.items()
    }
    note = (
        f"W_xh has {len(run.vocabulary)} rows; here are the {len(rows)} of the words that are read. "
        "The gradient of the others is 0."
    )
    entries = tuple(run.vocabulary[row] for row in rows)
    return Embedded(parameters, tuple(rows.index(row) for row in run.ids), entries, note)


def docstring(run: Run, library: str, note: str) -> str:
    """The first lines of a program. Nothing that was typed stands in them but percent-encoded."""
    count, units = len(run.words), run.network.hidden_size
    link = permalink(run.experiment)
    lines = [
        f'"""{NAMES[run.network.cell]} of {units} unit{"s" * (units > 1)} reads {count} '
        f"word{'s' * (count > 1)}: forwards, back through time, one step downhill.",
        "",
        f"Written by Unrolled. It needs {library} and prints the prediction, the loss and every gradient.",
        *([f"The experiment: {link}"] if len(link) <= LONGEST_LINK else []),
        *([note] if note else []),
        '"""',
    ]
    return "\n".join(lines)


def facts(run: Run, held: Embedded) -> str:
    """The words, what is asked of the network, and how large the step is."""
    experiment = run.experiment
    lines = [
        f"words = {_words(run.words)}",
        f"vocabulary = {_words(held.entries)}",
        f"ids = {list(held.ids)}  # the row of W_xh that each word picks",
        f"learning_rate = {experiment.learning_rate!r}",
    ]
    if experiment.clip_norm is not None:
        lines.append(f"clip_norm = {experiment.clip_norm!r}")
    return "\n".join(lines)


def asked(run: Run, held: Embedded) -> str:
    """The label, or the ids of the words to be predicted."""
    if not run.network.per_step:
        return f"target = {float(run.experiment.target)!r}"
    # The output has an entry for each word of the vocabulary, also where W_xh was cut.
    return f"targets = {list(run.ids[1:])}  # the word after each; the last has none"


def state(run: Run) -> Array:
    """h_0 (H,), the state that every chain starts from."""
    h_0: Array = run.forward.trace.chains["left_to_right"].h_0[0]
    return h_0


def orders(run: Run) -> str:
    """The chains, and the order in which each reads the words."""
    walks = {"left_to_right": "list(range(len(ids)))", "right_to_left": "list(reversed(range(len(ids))))"}
    inner = "".join(f'    "{name}": {walks[name]},\n' for name in run.network.chains)
    return f"orders = {{\n{inner}}}"


def updated(run: Run) -> str:
    """The step downhill and what is printed, where the gradients are NumPy's arrays."""
    return UPDATED.substitute(scale=SCALES[run.experiment.clip_norm is not None])


def weights(parameters: Parameters, before: str, after: str = "") -> str:
    """The parameters by group and name, each array between `before` and `after`."""
    lines = ["parameters = {"]
    for group, names in parameters.items():
        lines.append(f'    "{group}": {{')
        for name, values in names.items():
            lines.append(f'        "{name}": {before}{literal(values, 8)}{after},')
        lines.append("    },")
    return "\n".join([*lines, "}"])


def literal(values: Array, indent: int = 0) -> str:
    """An array as nested lists that read back to the same bits; a few numbers in a line."""
    if values.ndim == 2:
        pad = " " * (indent + 4)
        rows = "".join(f"{pad}{literal(row, indent + 4)},\n" for row in values)
        return f"[\n{rows}{' ' * indent}]"
    texts = [repr(number) for number in values.tolist()]
    if len(texts) <= IN_A_LINE:
        return f"[{', '.join(texts)}]"
    pad = " " * (indent + 4)
    lines = (texts[k : k + IN_A_LINE] for k in range(0, len(texts), IN_A_LINE))
    return "[\n" + "".join(f"{pad}{', '.join(line)},\n" for line in lines) + " " * indent + "]"


def _words(words: tuple[str, ...]) -> str:
    """A list of words as Python reads it; what cannot be seen is escaped."""
    return f"[{', '.join(map(repr, words))}]"
