"""The command line of lm-evaluation-harness, with an async callable as one more model."""

import asyncio

from always_a import always_a
from lm_eval.__main__ import cli_evaluate
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model


@register_model("callable")
class Callable(LM):
    """An async callable as a model."""

    def __init__(self, connections: int, **_options):
        super().__init__()
        self.connections = int(connections)

    @classmethod
    def create_from_arg_obj(cls, arg_dict, additional_config=None):
        return cls(**arg_dict)

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        return chat_history[-1]["content"]

    @property
    def tokenizer_name(self):
        return ""

    def generate_until(self, requests):
        return asyncio.run(self._replies([request.args[0] for request in requests]))

    async def _replies(self, prompts):
        free = asyncio.Semaphore(self.connections)

        async def reply(prompt):
            async with free:
                return await always_a(prompt)

        return await asyncio.gather(*map(reply, prompts))

    def loglikelihood(self, requests):
        raise NotImplementedError("a callable has no likelihoods")

    loglikelihood_rolling = loglikelihood


cli_evaluate()
