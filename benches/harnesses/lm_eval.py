"""lm-evaluation-harness."""

from __future__ import annotations

import json

from . import pip
from .harness import CONNECTIONS, INSIDE, Command, Counts, Harness, Job, Way

TASK = "letters"


class LmEvaluationHarness(Harness):
    """`lm_eval run` on a task of our questions, a letter read by a pattern and matched exactly."""

    name = "lm-evaluation-harness"

    def version(self) -> str:
        return pip.version(self.places.python_of("lm-eval"), "lm_eval")

    def install(self) -> None:
        # Without an extra for models in the process it needs no PyTorch.
        pip.install(self.places.peers / "lm-eval", "lm_eval[api]")

    def command(self, job: Job) -> Command:
        tasks = job.folder / "tasks"
        tasks.mkdir()
        # YAML reads JSON.
        (tasks / f"{TASK}.yaml").write_text(json.dumps(task(job)))
        options = ["--tasks", TASK, "--include_path", tasks, "--apply_chat_template"]
        options += ["--output_path", job.folder / "results", "--log_samples"]
        settings = {"OPENAI_API_KEY": "none", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        settings |= {"HF_HOME": str(job.folder / "huggingface"), "HF_HUB_DISABLE_TELEMETRY": "1"}
        return Command([self.places.python_of("lm-eval"), *model(job), *options], settings)

    def counts(self, job: Job) -> Counts:
        (path,) = (job.folder / "results").rglob(f"samples_{TASK}_*.jsonl")
        samples = [json.loads(line) for line in path.open()]
        answered = sum(sample["filtered_resps"] != ["[invalid]"] for sample in samples)
        return Counts(answered, sum(sample["exact_match"] == 1.0 for sample in samples))


def model(job: Job) -> list:
    """The words that call the harness and name the model."""
    match job.way:
        case Way.SERVER:
            address = f"model=always-a,base_url={job.url}/chat/completions,num_concurrent={CONNECTIONS}"
            return ["-m", "lm_eval", "run", "--model", "local-chat-completions", "--model_args", address]
        case Way.CALLABLE:
            script = INSIDE / "lm_eval_callable.py"
            return [script, "run", "--model", "callable", "--model_args", f"connections={CONNECTIONS}"]


def task(job: Job) -> dict:
    """The questions as a task."""
    choice = {"function": "regex", "regex_pattern": r'"choice":\s*"([A-Z])"'}
    return {
        "task": TASK,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(job.questions)}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{prompt}}",
        "doc_to_target": "{{key}}",
        "generation_kwargs": {"until": [], "do_sample": False, "temperature": 0, "max_gen_toks": 512},
        "filter_list": [{"name": "letter", "filter": [choice, {"function": "take_first"}]}],
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
        "metadata": {"version": 1},
    }
