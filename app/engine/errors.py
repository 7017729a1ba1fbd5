"""What the engine says when a question has no finite answer."""


class EngineError(ValueError):
    """A question the mathematics cannot answer: which field, which rule, which value, and at which step.

    field : the name of the choice that is at fault, or None
    value : what was given or found
    step : the timestep, counted from 1, or None
    quantity : the name of the array that broke, or None
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        step: int | None = None,
        quantity: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.value = value
        self.step = step
        self.quantity = quantity


class DomainError(EngineError):
    """A loss was asked for a prediction at which it is not defined."""


class DivergenceError(EngineError):
    """A number outgrew float64."""
