"""The run in Keras: its layers with the weights put in, and the gradients read off a step of SGD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Template

from app.experiments.run import Run
from app.exports.programs import source

ACTIVATIONS = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "identity": "linear"}
OPTIONS = "return_sequences=True, go_backwards=backwards"


@dataclass(frozen=True)
class Layer:
    """How Keras makes a chain: its layer, what stands before it, and its weights from ours and back."""

    makes: str
    before: str
    to_keras: str
    from_keras: str


# Keras joins what it is asked for in the order kernel, recurrent kernel, bias.
PLAIN = Layer(
    "",
    "",
    '    return [W["W_xh"], W["W_hh"]]$bias',
    '    return dict(zip(("W_xh", "W_hh", "b_h"), found))',
)
OWN_CELL = Template('''class Cell(keras.layers.Layer):
    """h_t = f(x_t W_xh + h_{t-1} W_hh [+ b_h]) [+ b_h]: the bias stands outside f $when."""

    def __init__(self):
        super().__init__()
        self.state_size = [units, 1]  # h, and whether a step was taken

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], units), name="kernel")
        self.recurrent = self.add_weight(shape=(units, units), name="recurrent_kernel")
        self.bias = self.add_weight(shape=(units,), name="bias")

    def call(self, x, states):
        h, taken = states
        inside = $inside
        a = keras.ops.matmul(x, self.kernel) + keras.ops.matmul(h, self.recurrent) + inside * self.bias
        h = keras.activations.$f(a) + (1 - inside) * self.bias
        return h, [h, keras.ops.ones_like(taken)]


''')
WHEN = {
    "outside": ("at every step", "keras.ops.zeros_like(taken)"),
    "mixed": ("at the first step", "taken"),
}
GRU_WEIGHTS = """    block = lambda A, k: A[..., k * units : (k + 1) * units]
    blocks = lambda A: np.concatenate([block(A, k) for k in (1, 0, 2)], axis=-1)
"""


def elman(run: Run) -> Layer:
    """SimpleRNN; a cell of our own where the bias stands outside f."""
    network = run.network
    f = ACTIVATIONS[network.activation]
    if network.bias in WHEN:
        when, inside = WHEN[network.bias]
        own = OWN_CELL.substitute(when=when, inside=inside, f=f)
        return Layer(f"keras.layers.RNN(Cell(), {OPTIONS})", own, PLAIN.to_keras, PLAIN.from_keras)
    made = f'keras.layers.SimpleRNN(units, activation="{f}", use_bias={network.bias == "inside"}, {OPTIONS})'
    return Layer(made, "", PLAIN.to_keras, PLAIN.from_keras)


def lstm(run: Run) -> Layer:
    """Keras's gates i f c o are our i f g o."""
    made = f"keras.layers.LSTM(units, use_bias={run.network.bias == 'inside'}, {OPTIONS})"
    return Layer(made, "", PLAIN.to_keras, PLAIN.from_keras)


def gru(run: Run) -> Layer:
    """Keras's gates are z r n where ours are r z n; the second row of its bias stands after the product."""
    made = f"keras.layers.GRU(units, reset_after=True, use_bias={run.network.bias == 'inside'}, {OPTIONS})"
    if run.network.bias == "none":
        to = GRU_WEIGHTS + '    return [blocks(W["W_xh"]), blocks(W["W_hh"])]'
        back = GRU_WEIGHTS + '    return {"W_xh": blocks(found[0]), "W_hh": blocks(found[1])}'
        return Layer(made, "", to, back)
    to = (
        GRU_WEIGHTS
        + '    second = np.concatenate([np.zeros(2 * units), W["b_hn"]])\n'
        + '    return [blocks(W["W_xh"]), blocks(W["W_hh"]), np.stack([blocks(W["b_h"]), second])]'
    )
    back = (
        GRU_WEIGHTS
        + "    kernel, recurrent, bias = found\n"
        + '    biases = {"b_h": blocks(bias[0]), "b_hn": bias[1, 2 * units :]}\n'
        + '    return {"W_xh": blocks(kernel), "W_hh": blocks(recurrent), **biases}'
    )
    return Layer(made, "", to, back)


CELLS: dict[str, Callable[[Run], Layer]] = {"elman": elman, "lstm": lstm, "gru": gru}
# How many states each layer starts from, beside h_0.
STARTS = {
    "elman": "[h]",
    "lstm": "[h, keras.ops.zeros_like(h)]",
    "gru": "[h]",
}
MODEL = Template('''$before
def to_keras(W):
    """The weights of a chain as Keras lists them."""
$to_keras


def from_keras(found):
    """The same by their names here."""
$from_keras


class Reader(keras.Model):
    """The chains and the readout; it gives $gives."""

    def __init__(self):
        super().__init__()
        make = lambda backwards: $makes
        self.chains = {name: make(name == "right_to_left") for name in orders}
        self.readout = keras.layers.Dense($outputs, use_bias=$readout_bias)
$own_bias
    def call(self, x):
        h = keras.ops.convert_to_tensor(h_0[None])
        states = {name: chain(x, initial_state=$start) for name, chain in self.chains.items()}
$read
$answer


model = Reader()
x = np.eye(len(vocabulary))[ids][None]  # one sentence of one-hot words, (1, T, V)
model(x)
for name, chain in model.chains.items():
    chain.set_weights(to_keras(parameters[name]))
out = parameters["readout"]
$set_readout
''')
READ_LAST = "        read = keras.ops.concatenate([states[name][:, -1] for name in orders], axis=-1)"
# A chain that walks backwards gives its states in the order of its walk.
READ_ALL = """        turn = lambda s: keras.ops.flip(s, axis=1)
        turned = {"left_to_right": lambda s: s, "right_to_left": turn}
        read = keras.ops.concatenate([turned[name](states[name]) for name in orders], axis=-1)"""
INSIDE_ANSWER = "        return self.readout(read)"
OUTSIDE_ANSWER = "        return keras.ops.sigmoid(self.readout(read)) + self.b_y"
# By loss and by whether y_hat is sigmoid of what the model gives, or what it gives itself.
LOSSES = {
    ("bce", True): "keras.ops.softplus(given) - target * given",
    ("bce", False): "-(target * keras.ops.log(given) + (1 - target) * keras.ops.log(1 - given))",
    ("mse", True): "(target - keras.ops.sigmoid(given)) ** 2",
    ("mse", False): "(target - given) ** 2",
    ("difference", True): "target - keras.ops.sigmoid(given)",
    ("difference", False): "target - given",
}
Y_HAT = {True: "keras.ops.sigmoid(given)", False: "given"}
JUDGED = "keras.losses.sparse_categorical_crossentropy(target[:, :-1], given[:, :-1], from_logits=True)"
STEP = Template("""

def loss_of(target, given):
    return $loss


model.compile(optimizer=keras.optimizers.SGD(learning_rate=1.0), loss=loss_of)
before = {name: chain.get_weights() for name, chain in model.chains.items()}
read_before = $readout_weights
given = keras.ops.convert_to_tensor(model(x))
y_hat = keras.ops.convert_to_numpy($y_hat)[0]
loss = float(np.ravel(model.train_on_batch(x, $target))[0])

# A step of size 1 is the gradient: what the weights were, less what they are.
gradients = {
    name: from_keras([old - new for old, new in zip(before[name], chain.get_weights())])
    for name, chain in model.chains.items()
}
after = $readout_weights
gradients["readout"] = {name: read_before[name] - after[name] for name in out}
""")
PRECISION = "Keras multiplies in 64 bits with TensorFlow, and in 32 bits with PyTorch or JAX beneath it."


def model(run: Run) -> str:
    """The model with the run's weights."""
    network, per_step = run.network, run.network.per_step
    cell, outside = CELLS[network.cell](run), not network.output_bias_inside
    bias, here = "b_y" in run.parameters["readout"], "b_h" in run.parameters["left_to_right"]
    listed = 'out["W_hy"], out["b_y"]' if bias and not outside else 'out["W_hy"]'
    start = STARTS[network.cell] if network.bias not in WHEN else "[h, keras.ops.zeros_like(h[:, :1])]"
    return MODEL.substitute(
        before=cell.before,
        to_keras=Template(cell.to_keras).substitute(bias=' + [W["b_h"]]' if here else ""),
        from_keras=cell.from_keras,
        gives="y_hat" if outside else "the logit",
        makes=cell.makes,
        outputs=network.outputs,
        readout_bias=bias and not outside,
        own_bias='        self.b_y = self.add_weight(shape=(1,), name="b_y")\n' if outside else "",
        start=start,
        read=READ_ALL if per_step else READ_LAST,
        answer=OUTSIDE_ANSWER if outside else INSIDE_ANSWER,
        set_readout=f"model.readout.set_weights([{listed}])"
        + ('\nmodel.b_y.assign(out["b_y"])' if outside else ""),
    )


def step(run: Run) -> str:
    """The loss, a step of size 1, and what it tells."""
    inside = run.network.output_bias_inside
    loss, y_hat, target = QUESTIONS[run.network.per_step](run)
    own = '"b_y": keras.ops.convert_to_numpy(model.b_y)'
    found = 'dict(zip(("W_hy", "b_y"), model.readout.get_weights()))'
    return STEP.substitute(
        loss=loss,
        readout_weights=found if inside else f"{{**{found}, {own}}}",
        y_hat=y_hat,
        target=target,
    ) + source.updated(run)


def one_prediction(run: Run) -> tuple[str, str, str]:
    """The loss, y_hat and the target of a sentence."""
    inside = run.network.output_bias_inside
    return LOSSES[run.network.loss, inside], Y_HAT[inside], "np.array([[target]])"


def every_word(run: Run) -> tuple[str, str, str]:
    """The same of its words; the last one is not judged."""
    return JUDGED, "keras.ops.softmax(given)", "np.array([[*targets, 0]])"


QUESTIONS: dict[bool, Callable[[Run], tuple[str, str, str]]] = {False: one_prediction, True: every_word}


def keras_program(run: Run, most: int) -> bytes:
    """The program. It leaves y_hat, loss, gradients and updated, the parameters after a step.

    most : numbers it may hold; Raises ExperimentError beyond.
    """
    held = source.embedded(run, most)
    top = [
        source.docstring(run, "Keras 3", "\n".join(filter(None, (PRECISION, held.note)))),
        "import keras\nimport numpy as np",
        'keras.config.set_floatx("float64")',
        "\n".join((source.facts(run, held), source.asked(run, held), source.orders(run))),
        f"h_0 = np.array({source.literal(source.state(run))})\nunits = len(h_0)\n"
        + source.weights(held.parameters, "np.array(", ")"),
    ]
    return ("\n\n".join(top) + "\n\n\n" + model(run).lstrip("\n") + step(run)).encode()
