"""What a task is asked with: the `-T` options, checked, and as the program takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from inspect_ai.model import Model, get_model, model_roles

from ._refusal import refused

#: The model roles of Inspect that stand for the judge and for whoever plays clients.
GRADER = "grader"
CLIENT = "client"

_OWN_JUDGES = ("offline", "embedded", "none")
_PROTOCOLS = ("corrected", "reference")
_QUESTIONS = ("together", "apart")
_AT_LEAST_ONE = ("items", "trials", "reply_tokens", "context")
_AT_LEAST_ZERO = ("seed", "thinking_tokens", "judge_thinking_tokens")


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """How a task is asked and scored. All of it is JSON, so that a log can hold it.

    Attributes:
        task: The task, such as `ethics/reasoning`.
        subject: The model under test, as Inspect names it.
        data: Folder of published data; None for the starter items.
        protocol: `corrected` or `reference`.
        judge: `offline`, `embedded`, `none`, or the name of the model that is bound to the role
            `grader`; None for what the program takes where nobody is named.
        client: `offline`, or the name of the model that is bound to the role `client`.
        items: At most so many items, evenly spread.
        trials: About so many trials, by whole items.
        seed: Seed of option orders, attack texts and resampling.
        system: File with the subject's system prompt.
        temperature: The subject's temperature in the place of the task's.
        reply_tokens: Maximum tokens of each reply, without thinking.
        thinking_tokens: Tokens the subject may think before it replies.
        judge_thinking_tokens: The same for the judge.
        judge_questions: `together` or `apart`: how a judge is asked the questions of a tree.
        context: Tokens that the subject takes in at once.
        tasks_dir: Folder of tasks of one's own.
        weights_dir: Folder of the embedded judge's weights.
    """

    task: str
    subject: str = "unnamed"
    data: str | None = None
    protocol: str = "corrected"
    judge: str | None = None
    client: str = "offline"
    items: int | None = None
    trials: int | None = None
    seed: int | None = None
    system: str | None = None
    temperature: float | None = None
    reply_tokens: int | None = None
    thinking_tokens: int | None = None
    judge_thinking_tokens: int | None = None
    judge_questions: str = "together"
    context: int | None = None
    tasks_dir: str | None = None
    weights_dir: str | None = None

    def words(self) -> Iterator[str]:
        """The arguments of `trustmh walk`."""
        yield self.task
        for name, value in asdict(self).items():
            if name != "task" and value is not None:
                yield f"--{name.replace('_', '-')}={value}"

    def as_json(self) -> dict[str, Any]:
        """What is not as usual, to be written into a log."""
        usual = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    @staticmethod
    def of_json(written: Mapping[str, Any]) -> Parameters:
        """What `as_json` wrote."""
        return Parameters(**written)

    @property
    def asks_judge(self) -> bool:
        """Whether a model of Inspect judges."""
        return self.judge is not None and self.judge not in _OWN_JUDGES


def resolved(task: str, given: Mapping[str, Any], *, allow_self_judge: bool = False) -> Parameters:
    """The parameters of a task as they were given by `-T`, with the models that roles are bound to.

    Raises:
        PrerequisiteError: One is unknown, or its value is none that it can have.
    """
    known = {field.name for field in fields(Parameters)} - {"task", "subject"}
    for name in given:
        if name not in known:
            listed = ", ".join(sorted(known | {"allow_self_judge"}))
            raise refused(f"-T {name} is no parameter of {task}", f"the parameters are {listed}")
    told = {name: value for name, value in given.items() if value is not None}
    for name in ("data", "system", "tasks_dir", "weights_dir"):
        if name in told:
            told[name] = str(told[name])
    _check_numbers(told)
    _one_of(told, "protocol", _PROTOCOLS)
    _one_of(told, "judge_questions", _QUESTIONS)
    subject = _subject()
    told["judge"] = _judge(told.get("judge"))
    told["client"] = _client(told.get("client", "offline"))
    if subject is not None and told["judge"] == subject and not allow_self_judge:
        raise refused(
            f"subject and judge are the same model, {subject}",
            "bind another one by --model-role grader=MODEL, or add -T allow_self_judge=true",
        )
    return Parameters(task=task, **({} if subject is None else {"subject": subject}), **told)


def _check_numbers(told: Mapping[str, Any]) -> None:
    for names, least in ((_AT_LEAST_ONE, 1), (_AT_LEAST_ZERO, 0)):
        for name in names:
            value = told.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise refused(f"-T {name}={value}: expected a whole number of at least {least}")
    temperature = told.get("temperature")
    if temperature is not None and (
        isinstance(temperature, bool)
        or not isinstance(temperature, int | float)
        or not 0 <= temperature <= 2
    ):
        raise refused(f"-T temperature={temperature}: expected a number from 0 to 2")


def _one_of(told: Mapping[str, Any], name: str, words: tuple[str, ...]) -> None:
    if name in told and told[name] not in words:
        raise refused(f"-T {name}={told[name]} is none of: {', '.join(words)}")


def _subject() -> str | None:
    """The model that is evaluated, where there is one already."""
    try:
        return name_of(get_model())
    except Exception:  # Tasks may be made, and listed, before any model is named.
        return None


def _judge(given: str | None) -> str | None:
    if given is None:
        return name_of(get_model(role=GRADER)) if GRADER in model_roles() else None
    if given in _OWN_JUDGES:
        return given
    return _in_role("judge", given, GRADER, _OWN_JUDGES)


def _client(given: str) -> str:
    return given if given == "offline" else _in_role("client", given, CLIENT, ("offline",))


def _in_role(parameter: str, given: str, role: str, words: tuple[str, ...]) -> str:
    """The name of the model that is bound to a role, which is how Inspect names a second model."""
    if given != role:
        raise refused(
            f"-T {parameter}={given} is none of: {', '.join((*words, role))}",
            f"for a model give -T {parameter}={role} and --model-role {role}=MODEL",
        )
    if role not in model_roles():
        raise refused(
            f"-T {parameter}={role} names no model: the role is not bound",
            f"add --model-role {role}=MODEL",
        )
    return name_of(get_model(role=role))


def name_of(model: Model) -> str:
    """A model as it is typed, with its service: `openai/gpt-4.1`."""
    return str(model)
