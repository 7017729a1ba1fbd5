"""What /openapi.json says of runs and corpora, made from the Experiment model and its limits."""

from __future__ import annotations

from typing import Any

from app.api import answers_schema, asked_schema
from app.api.answer import LARGE, PARTS
from app.api.asked import ASKED
from app.experiments.course import Course
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS
from app.serving.problems import SCHEMA
from app.settings import Settings

Schema = dict[str, Any]

_EXAMPLES: dict[str, str] = {
    "sentence": "movie was good",
    "reviews": "the tea was cold|0",
    "vocabulary": "movie,was,good,bad,not",
    "initial_state": "0.1,-0.2,0.3",
    "edits": "left_to_right.W_xh~good.1|0.5",
    "steps": "this~0.1,all~0.5~20",
}
_LISTS = {
    "reviews": ("review", "text|label; repeat it for each review"),
    "edits": (
        "edit",
        "name.index|value, or name~word.column|value for the row of a word; repeat it for each edit",
    ),
    "steps": ("steps", "on~rate, or on~rate~times for so many alike, in one comma list; or one JSON list"),
    "vocabulary": ("vocabulary", "one word each, or one comma list, or one JSON list"),
}


# Definitions are put where they are used; titles only repeat the names.
_NOISE = ("$defs", "title")


def inlined(schema: Schema) -> Schema:
    """The schema with its definitions put in place of the references to them, and without titles."""
    definitions = schema.get("$defs", {})

    def expand(node: Any) -> Any:
        if isinstance(node, list):
            return [expand(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return expand({**definitions[node["$ref"].rsplit("/", 1)[1]], **rest})
        return {key: expand(value) for key, value in node.items() if key not in _NOISE}

    expanded: Schema = expand(schema)
    return expanded


EXPERIMENT = {**inlined(Experiment.model_json_schema()), "description": "An experiment: the question"}


def include(limits: Settings) -> Schema:
    """The query parameter that chooses the parts of an answer."""
    return {
        "name": "include",
        "in": "query",
        "required": False,
        "description": (
            f"A comma list of {', '.join((*PARTS, *ASKED))}. Without it an answer carries the first "
            f"{len(PARTS)}, but "
            f"{' and '.join(LARGE)} are left out, and named in `omitted`, above {limits.full_answer_numbers} "
            "numbers each. jacobians bring backward along, contributions bring gradients. schedules tells "
            "what becomes of the gradients when weights change before the sweeps are over, batch what the "
            "network answers when it reads the corpus as one padded block. An answer holds "
            f"at most {limits.max_answer_numbers} numbers."
        ),
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": [*PARTS, *ASKED]}},
        "example": ["forward", "backward"],
    }


def query_parameters(limits: Settings) -> list[Schema]:
    """Every field of an experiment as a query parameter, and include."""
    required = EXPERIMENT.get("required", [])
    fields = [_parameter(name, field, name in required) for name, field in EXPERIMENT["properties"].items()]
    return [*fields, include(limits)]


def _parameter(name: str, field: Schema, required: bool) -> Schema:
    described: Schema = {
        "name": name,
        "in": "query",
        "required": required,
        "description": field.get("description", ""),
    }
    if name in _EXAMPLES:
        described["example"] = _EXAMPLES[name]
    if name in _LISTS:
        short, form = _LISTS[name]
        listed = next(
            (choice for choice in field.get("anyOf", [field]) if choice.get("type") == "array"), field
        )
        bounds = {key: listed[key] for key in ("minItems", "maxItems") if key in listed}
        described |= {
            "name": short,
            "description": f"{described['description']} As {form}.",
            "style": "form",
            "explode": True,
            "schema": {"type": "array", "items": {"type": "string"}, **bounds},
        }
        described["example"] = [_EXAMPLES[name]]
    elif name == "parameters":
        described["content"] = {"application/json": {"schema": _nonnull(field)}}
    elif name == "initial_state":
        described["description"] += " As a comma list or a JSON list."
        described["schema"] = {"type": "string", "default": "zeros"}
    else:
        described["schema"] = _nonnull(field)
    return described


def _nonnull(field: Schema) -> Schema:
    """The schema without its null: in a query, a field that is not set is left out."""
    choices = [choice for choice in field.get("anyOf", []) if choice.get("type") != "null"]
    rest = {
        key: value for key, value in field.items() if key not in ("anyOf", "description", "title", "default")
    }
    default = {"default": field["default"]} if field.get("default") is not None else {}
    return {**rest, **default, **(choices[0] if choices else {})}


def body() -> Schema:
    """The body of a POST, with examples that run."""
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": EXPERIMENT,
                "examples": {
                    "lecture": {
                        "summary": "The lecture's example",
                        "value": {"sentence": "movie was not good", "target": 0, "weights": "lecture"},
                    },
                    "own words": {
                        "summary": "Your own reviews",
                        "value": {
                            "sentence": "the tea was hot",
                            "corpus": "custom",
                            "hidden_size": 4,
                            "reviews": [
                                {"text": "the tea was cold", "label": 0},
                                {"text": "hot tea", "label": 1},
                            ],
                        },
                    },
                },
            }
        },
    }


def course_body() -> Schema:
    """The body of a course: its own fields beside those of an experiment."""
    course = inlined(Course.model_json_schema())
    properties = {**EXPERIMENT["properties"], **course["properties"]}
    examples = {
        "adam": {
            "summary": "Three movie reviews, by Adam",
            "value": {"sentence": "movie was not good", "target": 0, "optimiser": "adam", "epochs": 60},
        },
        "held out": {
            "summary": "An LSTM, one review at a time, judged by a review it does not learn from",
            "value": {
                "sentence": "movie was not good", "target": 0, "cell": "lstm", "batch_size": 1,
                "shuffle": True, "patience": 20, "held_out": [{"text": "movie was not bad", "label": 1}],
            },
        },
    }  # fmt: skip
    schema = {**EXPERIMENT, "description": "An experiment and a course", "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}


def _answer(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


RUN_SCHEMA = answers_schema.run(EXPERIMENT, LARGE, asked_schema.ASKED)
RUN = _answer(
    RUN_SCHEMA, "The run; arrays are in sentence order, index 0 the first word"
)
CORPORA = _answer(answers_schema.CORPORA, "The corpora in the order they are offered")
LESSON: Schema = {
    "description": "Server-sent events; x-events holds the schema of each event's data",
    "content": {
        "text/event-stream": {
            "schema": answers_schema.EVENT,
            "x-events": {
                **answers_schema.lesson(inlined(Course.model_json_schema()), RUN_SCHEMA),
                "problem": SCHEMA,
            },
        }
    },
}
COURSE_ABOUT = (
    "The network of the experiment learns from the reviews of its corpus, from the parameters that the "
    "experiment names. The answer is a stream of server-sent events. `progress` tells an epoch: its loss, "
    "the held-out loss, the norm of every parameter's gradient and of ∂L/∂h_t. `final` brings the run of the "
    "sentence after it, as /api/v1/run answers it, with any edits made last; the run's own experiment asks "
    "for that run again, which is refused where a learned weight passes "
    f"{LIMITS.max_absolute_number:g}. `diverged` tells the step, the parameter and the value that left the "
    "finite numbers, and brings the run with the last weights before. `problem` is a problem document. The "
    f"work ends when the client goes, and after {LIMITS.course_seconds:g} seconds with what has been learned "
    f"by then. At most {LIMITS.max_course_records} epochs are reported."
)
