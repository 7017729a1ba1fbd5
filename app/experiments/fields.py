"""The types of an experiment's fields, their bounds, and the rule each states when it is broken."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.settings import settings

LIMITS = settings()
LARGEST = LIMITS.max_absolute_number
LARGEST_SEED = 2**32 - 1

Task = Literal["sentiment", "next_word"]
Cell = Literal["elman", "lstm", "gru"]
CorpusName = Literal["movie", "catmatrat", "maharashtra", "custom"]
Activation = Literal["tanh", "sigmoid", "relu", "identity"]
Bias = Literal["inside", "outside", "mixed", "none"]
LossName = Literal["bce", "mse", "difference"]
OptimiserName = Literal["sgd", "momentum", "adam"]
Weights = Literal["drawn", "lecture"]


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: 3.0 is the whole number 3."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _unsigned_zero(value: float) -> float:
    """-0.0 equals 0.0, so both must give the same bytes."""
    return value + 0.0


def _valid_unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("unicode", "lone surrogate") from error
    return text


Whole = BeforeValidator(_whole)
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False), AfterValidator(_unsigned_zero)]
Rate = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False), AfterValidator(_unsigned_zero)]
Positive = Annotated[float, Field(gt=0, le=LARGEST, allow_inf_nan=False)]
Text = Annotated[str, AfterValidator(_valid_unicode)]
Label = Annotated[int, Field(ge=0, le=1), Whole]
Row = Annotated[tuple[Number, ...], Strict(False)]
Matrix = Annotated[tuple[Row, ...], Strict(False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Review(_Part):
    """A labelled review of a custom corpus."""

    text: Annotated[Text, Field(max_length=LIMITS.max_review_characters)]
    label: Label


def _place(value: Any) -> Any:
    """A row or column by its number, or by the word of the vocabulary that it belongs to."""
    if isinstance(value, str):
        return _valid_unicode(value)
    whole = _whole(value)
    if isinstance(whole, bool) or not isinstance(whole, int) or not 0 <= whole < 2**31:
        raise PydanticCustomError("place", "neither a number nor a word")
    return whole


Place = Annotated[
    int | str,
    BeforeValidator(_place),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}),
]


class Edit(_Part):
    """One weight typed over: ``left_to_right.W_hh`` at ``index`` (0, 1) becomes ``value``. Where a row or a
    column belongs to a word, its word may stand for its number: ``left_to_right.W_xh`` at ("good", 1)."""

    name: Annotated[Text, Field(max_length=40)]
    index: Annotated[
        tuple[Place, ...], Strict(False), Field(json_schema_extra={"minItems": 1, "maxItems": 2})
    ]
    value: Number


Edits = Annotated[tuple[Edit, ...], Strict(False), Field(max_length=LIMITS.max_edits)]


class Step(_Part):
    """One gradient step: on every review (all), the sentence itself (this), or a review by its number."""

    on: Annotated[Text, Field(pattern=r"^(all|this|[1-9][0-9]{0,4})$")]
    rate: Rate


Steps = Annotated[tuple[Step, ...], Strict(False), Field(max_length=LIMITS.max_steps)]


class ChainValues(_Part):
    """Explicit values for a chain: any of W_xh (V, G·H), W_hh (H, G·H), b_h (G·H,), of a GRU b_hn (H,)."""

    W_xh: Matrix | None = None
    W_hh: Matrix | None = None
    b_h: Row | None = None
    b_hn: Row | None = None


class ReadoutValues(_Part):
    """Explicit values for the readout: any of W_hy (H or 2H, O), b_y (O,)."""

    W_hy: Matrix | None = None
    b_y: Row | None = None


class ParameterValues(_Part):
    """Explicit parameter values, whole or in part; what is missing is drawn from the seed."""

    left_to_right: ChainValues = ChainValues()
    right_to_left: ChainValues = ChainValues()
    readout: ReadoutValues = ReadoutValues()

    def given(self) -> dict[str, dict[str, Any]]:
        """The values by group and name, without what was left out."""
        groups = {
            group: {name: value for name, value in getattr(self, group) if value is not None}
            for group in type(self).model_fields
        }
        return {group: values for group, values in groups.items() if values}


def _state(value: Any) -> Any:
    """An initial state: "zeros", "random", or a tuple of numbers."""
    if isinstance(value, str) and value in ("zeros", "random"):
        return value
    if not isinstance(value, list | tuple) or not all(map(_is_number, value)):
        raise PydanticCustomError("state", "not an initial state")
    return tuple(float(entry) + 0.0 for entry in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


State = Annotated[
    Literal["zeros", "random"] | tuple[float, ...],
    BeforeValidator(_state),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["zeros", "random"]},
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": LIMITS.max_hidden_size,
                    "items": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
                },
            ]
        }
    ),
]
