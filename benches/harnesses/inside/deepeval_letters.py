"""The questions in DeepEval: python deepeval_letters.py WAY QUESTIONS URL CONNECTIONS RESULTS

DeepEval scores outputs that the caller brings along, so the replies are awaited here, through a model of DeepEval's.
"""

import asyncio
import json
import re
import sys

from always_a import LETTER, always_a
from deepeval import evaluate
from deepeval.evaluate import AsyncConfig, CacheConfig, DisplayConfig
from deepeval.metrics import ExactMatchMetric
from deepeval.models import DeepEvalBaseLLM, LocalModel
from deepeval.test_case import LLMTestCase


class Callable(DeepEvalBaseLLM):
    """An async callable as a model."""

    def load_model(self):
        return always_a

    def get_model_name(self):
        return "always-a"

    def generate(self, prompt):
        return asyncio.run(self.a_generate(prompt))

    async def a_generate(self, prompt):
        return await always_a(prompt), 0.0


async def answers(model, questions, connections):
    """The letter that each question is answered with, or nothing."""
    free = asyncio.Semaphore(connections)

    async def answer(question):
        async with free:
            reply, _ = await model.a_generate(question["prompt"])
        found = re.search(LETTER, reply)
        return found.group(1) if found else ""

    return await asyncio.gather(*map(answer, questions))


def main(way, path, url, connections, results):
    questions = [json.loads(line) for line in open(path)]
    if way == "server":
        options = {"max_tokens": 512}
        model = LocalModel("always-a", api_key="none", base_url=url, generation_kwargs=options)
    else:
        model = Callable()
    letters = asyncio.run(answers(model, questions, int(connections)))
    cases = [
        LLMTestCase(name=q["id"], input=q["prompt"], actual_output=letter, expected_output=q["key"])
        for q, letter in zip(questions, letters)
    ]
    evaluate(
        cases,
        [ExactMatchMetric()],
        async_config=AsyncConfig(max_concurrent=int(connections)),
        cache_config=CacheConfig(write_cache=False),
        display_config=DisplayConfig(
            show_indicator=False, print_results=False, inspect_after_run=False, results_folder=results
        ),
    )


main(*sys.argv[1:])
