"""The shape of the answers, for /openapi.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]


def array(item: Schema, axes: str) -> Schema:
    """Nested lists, one level for each axis: "T H" is [T][H]."""
    schema = item
    for axis in reversed(axes.split()):
        schema = {"type": "array", "items": schema, "description": f"axis {axis}"}
    return schema


def record(fields: Schema, optional: str = "", description: str = "") -> Schema:
    """An object whose fields are all there but the optional ones."""
    required = [name for name in fields if name not in optional.split()]
    described = {"description": description} if description else {}
    return {"type": "object", "properties": fields, "required": required, **described}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}


def numbers(axes: str) -> Schema:
    """An array of numbers over the named axes."""
    return array(NUMBER, axes)


def one_or_each(axes: str) -> Schema:
    """An array of the readout; of next_word one for every step."""
    return {"anyOf": [numbers(axes), numbers("T " + axes)]}


def groups(of: Callable[[str], Schema], of_readout: Callable[[str], Schema] | None = None) -> Schema:
    """An object laid out as the parameters are. Biases are missing when bias is none, b_hn but of a gru."""
    chain = record(
        {"W_xh": of("V G·H"), "W_hh": of("H G·H"), "b_h": of("G·H"), "b_hn": of("H")}, "b_h b_hn"
    )
    of_readout = of_readout or of
    return {
        "left_to_right": chain,
        "right_to_left": chain,
        "readout": record({"W_hy": of_readout("D O"), "b_y": of_readout("O")}, "b_y"),
    }


def _gradient(axes: str) -> Schema:
    return record(
        {
            "total": numbers(axes),
            "contributions": numbers("T " + axes),
            "norms": numbers("T"),
            "shares": numbers("T"),
        },
        "contributions",
    )


def _readout_gradient(axes: str) -> Schema:
    return {**_gradient(axes), "required": ["total"]}


def _both(chain: Schema) -> Schema:
    return {"left_to_right": chain, "right_to_left": chain}


# The axes: T words, V entries, H hidden units, G gates, O outputs, D = H, or 2H of a bidirectional network.
PARAMETERS = record(groups(numbers), "right_to_left")
FORWARD = record(
    {
        **_both(
            record(
                {
                    "x": numbers("T V"),
                    "h_prev": numbers("T H"),
                    "preactivation": numbers("T G·H"),
                    "gates": {
                        "type": "object",
                        "additionalProperties": numbers("T H"),
                        "description": "i, f, g and o of an lstm, r, z and n of a gru",
                    },
                    "c": numbers("T H"),
                    "h": numbers("T H"),
                },
                "gates c",
            )
        ),
        "readout": record({"input": one_or_each("D"), "logit": one_or_each("O"), "y_hat": one_or_each("O")}),
    },
    "right_to_left",
)
D_Y_HAT = {
    **one_or_each("O"),
    "description": "The slope of the loss at y_hat. With bce and the output bias inside it is taken "
    "from the logit z, 1 + exp(z) for target 0 and -1 - exp(-z) for target 1, so it stays exact where y_hat "
    "rounds to 0 or 1; an exponential beyond float64 (an exponent above 709) is held at half its largest "
    "number, about 8.99e307. dL_dlogit = y_hat - y is taken from the logit too, never from this product.",
}
HIGHWAY = {
    **numbers("T H"),
    "description": "∂c_T/∂c_t of an lstm along the road of cell states alone: the product of the forget "
    "gates after t, and from right to left of those before t. ‖∂h_T/∂h_t‖ goes through the gates too.",
}
CREDIT = {
    **numbers("T T"),
    "description": "next_word only: ‖∂L_τ/∂h_t‖, row τ, column t, of the chain from left to right",
}
BACKWARD = record(
    {
        "readout": record(
            {
                "dL_dy_hat": D_Y_HAT,
                "dL_dlogit": one_or_each("O"),
                "dL_dinput": one_or_each("D"),
            }
        ),
        **_both(
            record(
                {
                    "dL_dh": numbers("T H"),
                    "dL_dh_norm": numbers("T"),
                    "dL_dc": numbers("T H"),
                    "dL_dpreactivation": numbers("T G·H"),
                    "dL_dx": numbers("T V"),
                    "dhT_dh_norm": numbers("T"),
                    "highway": HIGHWAY,
                    "dh_dh_prev": numbers("T H H"),
                },
                "dL_dc highway dh_dh_prev",
            )
        ),
        "credit": CREDIT,
        "credit_right_to_left": {**numbers("T T"), "description": "The same of the other chain"},
    },
    "right_to_left credit credit_right_to_left",
)
GRADIENTS = record(groups(_gradient, _readout_gradient), "right_to_left")
UPDATE = record(
    {
        "learning_rate": NUMBER,
        "gradient_norm": NUMBER,
        "clip_scale": NUMBER,
        "parameters": PARAMETERS,
        "y_hat": {"anyOf": [numbers("O"), numbers("T O"), {"type": "null"}]},
        "loss": {"type": ["number", "null"]},
        "predicted_loss": NUMBER,
        "problem": MAYBE_TEXT,
    },
    description="y_hat and loss are null, and problem says why, where the step leaves the domain of the loss",
)
CHECK = record(
    {
        "method": TEXT,
        "max_abs_error": {**NUMBER, "description": "The largest gap between a gradient and its difference"},
        "max_rel_error": {
            **NUMBER,
            "description": "The largest gap of a parameter over the largest number compared in it, and of "
            "these the largest of all parameters. Near 1 where a gradient is smaller than differences can "
            "resolve, about 1e-11: there only the absolute gap says something",
        },
        "entries_checked": COUNT,
    }
)


def run(experiment: Schema, parts: tuple[str, ...], asked: Schema) -> Schema:
    """The answer of /api/v1/run.

    experiment : the schema of the question, which is echoed with its defaults filled in
    parts : those that may be omitted
    asked : of the parts that are there only when asked for
    """
    counts = record({**groups(lambda axes: COUNT), "total": COUNT}, "right_to_left")
    return record(
        {
            "experiment": {**experiment, "required": list(experiment["properties"])},
            "permalink": TEXT,
            "tokens": array(TEXT, "T"),
            "words": array(TEXT, "T"),
            "vocabulary": array(TEXT, "V"),
            "parameters": PARAMETERS,
            "parameter_count": counts,
            "weights_from": {"type": "object", "additionalProperties": TEXT},
            "loss": {**NUMBER, "description": "of next_word the mean over all words but the last"},
            "losses": {
                **numbers("T"),
                "description": "next_word only: 0 at the last word, of which nothing is asked",
            },
            "next_words": {
                **array(MAYBE_TEXT, "T"),
                "description": "next_word only: the word to be predicted after each, null after the last",
            },
            "forward": FORWARD,
            "backward": BACKWARD,
            "gradients": GRADIENTS,
            "update": UPDATE,
            "check": CHECK,
            **asked,
            "omitted": {"type": "array", "items": {"enum": list(parts)}},
        },
        optional=" ".join(["losses next_words forward backward gradients update check", *asked]),
    )


EVENT = record(
    {
        "event": {"enum": ["progress", "final", "diverged", "problem"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    }
)


def lesson(course: Schema, answer: Schema) -> Schema:
    """The data of each event of /api/v1/train by the event's name.

    course, answer : the schemas of the question, which is echoed, and of the final run
    """
    progress = record(
        {
            "epoch": COUNT,
            "loss": {**NUMBER, "description": "the mean over the reviews, each as its step found it"},
            "held_out": {"type": ["number", "null"]},
            "gradient_norm": {**NUMBER, "description": "of the last step, before clipping"},
            "clip_scale": NUMBER,
            "parameter_norms": record(groups(lambda axes: NUMBER), "right_to_left"),
            "step_norms": {
                "type": "object",
                "additionalProperties": numbers("T"),
                "description": "by chain ‖∂L/∂h_t‖ over the reviews of the last step",
            },
        }
    )
    ending = {
        "course": {**course, "required": list(course["properties"])},
        "reason": {"enum": ["epochs", "reached", "patience", "time", "diverged"]},
        "message": MAYBE_TEXT,
        "epochs": {**COUNT, "description": "how many were completed"},
        "steps": {**COUNT, "description": "gradient steps taken"},
    }
    fall = {"step": COUNT, "parameter": TEXT, "value": TEXT}
    return {
        "progress": progress,
        "final": record({**ending, "run": answer}),
        "diverged": record({**ending, **fall, "run": {"anyOf": [answer, {"type": "null"}]}}),
    }


CORPORA = record(
    {
        "corpora": {
            "type": "array",
            "items": record(
                {
                    "name": TEXT,
                    "title": TEXT,
                    "about": TEXT,
                    "note": MAYBE_TEXT,
                    "labels_assumed": {"type": "boolean"},
                    "vocabulary": array(TEXT, "V"),
                    "reviews": {
                        "type": "array",
                        "items": record(
                            {
                                "text": TEXT,
                                "label": {"enum": [0, 1]},
                                "words": array(TEXT, "T"),
                                "tokens": array(TEXT, "T"),
                                "cue": MAYBE_TEXT,
                                "cue_index": {"type": ["integer", "null"]},
                                "left_out": MAYBE_TEXT,
                            }
                        ),
                    },
                }
            ),
        }
    }
)
