"""The questions as a task of Inspect AI."""

import json

from always_a import LETTER, always_a
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelAPI, ModelOutput, get_model, modelapi
from inspect_ai.scorer import pattern
from inspect_ai.solver import generate


@modelapi("callable")
class Callable(ModelAPI):
    """An async callable as a model."""

    async def generate(self, input, tools, tool_choice, config):
        return ModelOutput.from_content(self.model_name, await always_a(input))


@task
def letters(path: str, model: str):
    questions = [json.loads(line) for line in open(path)]
    samples = [Sample(id=q["id"], input=q["prompt"], target=q["key"]) for q in questions]
    return Task(
        dataset=MemoryDataset(samples),
        solver=generate(),
        scorer=pattern(LETTER),
        model=get_model(model, responses_api=False) if model.startswith("openai/") else get_model(model),
    )
