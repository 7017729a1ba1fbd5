"""The shape of the answers, for /openapi.json."""

from __future__ import annotations

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


def _groups(W_xh: Schema, W_hh: Schema, b_h: Schema, W_hy: Schema, b_y: Schema) -> Schema:
    """An object laid out as the parameters are; biases are missing when bias is none."""
    return {
        "left_to_right": record({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, "b_h"),
        "readout": record({"W_hy": W_hy, "b_y": b_y}, "b_y"),
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


def _total(axes: str) -> Schema:
    return record({"total": numbers(axes)})


PARAMETERS = record(_groups(numbers("V H"), numbers("H H"), numbers("H"), numbers("H O"), numbers("O")))
FORWARD = record(
    {
        "left_to_right": record(
            {
                "x": numbers("T V"),
                "h_prev": numbers("T H"),
                "preactivation": numbers("T H"),
                "h": numbers("T H"),
            }
        ),
        "readout": record({"input": numbers("H"), "logit": numbers("O"), "y_hat": numbers("O")}),
    }
)
BACKWARD = record(
    {
        "readout": record({"dL_dy_hat": numbers("O"), "dL_dlogit": numbers("O"), "dL_dinput": numbers("H")}),
        "left_to_right": record(
            {
                "dL_dh": numbers("T H"),
                "dL_dh_norm": numbers("T"),
                "dL_dpreactivation": numbers("T H"),
                "dL_dx": numbers("T V"),
                "dhT_dh_norm": numbers("T"),
                "dh_dh_prev": numbers("T H H"),
            },
            "dh_dh_prev",
        ),
    }
)
GRADIENTS = record(_groups(_gradient("V H"), _gradient("H H"), _gradient("H"), _total("H O"), _total("O")))
UPDATE = record(
    {
        "learning_rate": NUMBER,
        "gradient_norm": NUMBER,
        "clip_scale": NUMBER,
        "parameters": PARAMETERS,
        "y_hat": {"anyOf": [numbers("O"), {"type": "null"}]},
        "loss": {"type": ["number", "null"]},
        "predicted_loss": NUMBER,
        "problem": MAYBE_TEXT,
    },
    description="y_hat and loss are null, and problem says why, where the step leaves the domain of the loss",
)
CHECK = record({"method": TEXT, "max_abs_error": NUMBER, "entries_checked": COUNT})


def run(experiment: Schema, parts: tuple[str, ...]) -> Schema:
    """The answer of /api/v1/run.

    experiment : the schema of the question, which is echoed with its defaults filled in
    """
    counts = record({**_groups(COUNT, COUNT, COUNT, COUNT, COUNT), "total": COUNT})
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
            "loss": NUMBER,
            "forward": FORWARD,
            "backward": BACKWARD,
            "gradients": GRADIENTS,
            "update": UPDATE,
            "check": CHECK,
            "omitted": {"type": "array", "items": {"enum": list(parts)}},
        },
        optional="forward backward gradients update check",
    )


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
