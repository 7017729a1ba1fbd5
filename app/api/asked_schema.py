"""The shape of the parts that come only when asked for."""

from __future__ import annotations

from app.api.answers_schema import COUNT, MAYBE_TEXT, TEXT, Schema, array, groups, numbers, record

MAYBE_NUMBER: Schema = {"type": ["number", "null"]}
SCHEDULES = {
    "type": "object",
    "description": "by schedule: after both sweeps, readout first, inside the sweep",
    "additionalProperties": record(
        {
            "errors": {
                **record(groups(lambda axes: MAYBE_NUMBER), "right_to_left"),
                "description": "|found - right| / |right| of each gradient; null beyond all numbers",
            },
            "loss": {**MAYBE_NUMBER, "description": "after the step; null where it has none"},
        }
    ),
}
EACH: Schema = {"anyOf": [numbers("B"), {"type": "null"}]}
WAY: Schema = {
    "y_hat": {**EACH, "description": "null of next_word, and where there is no answer"},
    "losses": EACH,
    "gradient_gap": {
        **MAYBE_NUMBER,
        "description": "|g - g_alone| / |g_alone|, g the gradient of the mean loss; null without one",
    },
    "problem": {**MAYBE_TEXT, "description": "why there is no answer"},
}
BATCH = record(
    {
        "shape": {**array(COUNT, "3"), "description": "B reviews, T words of the longest, V entries"},
        "reviews": {
            "type": "array",
            "items": record(
                {
                    "text": TEXT,
                    "label": {"enum": [0, 1]},
                    "ids": {**array({"type": "integer"}, "T"), "description": "-1 is padding, here behind"},
                }
            ),
            "description": "axis B: the first of the corpus that can be read, else the sentence",
        },
        "left_out": {**COUNT, "description": "further reviews that could be read"},
        "alone": {**record(WAY), "description": "each review on its own"},
        "ways": {
            "type": "array",
            "items": record({"padding": {"enum": ["before", "after"]}, "masked": {"type": "boolean"}, **WAY}),
        },
        "ordinary": record(
            {
                "products": record(
                    {"total": COUNT, "on_padding": COUNT, "on_zeros": COUNT},
                    description="multiplications of its first layer over the block",
                ),
                "parameter_counts": array(record({"longest": COUNT, "parameters": COUNT}), "N"),
                "refusal": {**TEXT, "description": "what it says of a sentence of a word more"},
            },
            description="a network without a state, of as many hidden units, that takes the longest review",
        ),
    },
    description="the reviews of the corpus as one block, read with the run's weights",
)
ASKED: Schema = {"schedules": SCHEDULES, "batch": BATCH}
