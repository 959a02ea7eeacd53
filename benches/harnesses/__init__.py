"""What `benches/peers` knows: a harness is a file here and a line in the list."""

from __future__ import annotations

from .deepeval import DeepEval
from .harness import Harness
from .inspect_ai import InspectAI
from .lm_eval import LmEvaluationHarness
from .promptfoo import Promptfoo
from .trustmh import Program, PythonPackage

HARNESSES: tuple[type[Harness], ...] = (
    Program,
    PythonPackage,
    InspectAI,
    DeepEval,
    LmEvaluationHarness,
    Promptfoo,
)
