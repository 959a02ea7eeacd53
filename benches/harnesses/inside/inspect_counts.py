"""Counts in a log of Inspect AI: python inspect_counts.py FOLDER"""

import json
import sys
from pathlib import Path

from inspect_ai.log import read_eval_log
from inspect_ai.scorer import CORRECT

(path,) = Path(sys.argv[1]).glob("*.eval")
samples = read_eval_log(str(path)).samples or []
scores = [s.scores["pattern"] for s in samples if s.error is None and s.scores]
answered = sum(score.answer is not None for score in scores)
print(json.dumps({"answered": answered, "correct": sum(score.value == CORRECT for score in scores)}))
