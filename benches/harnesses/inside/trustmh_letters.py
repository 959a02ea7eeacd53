"""The questions in this project's package for Python: python trustmh_letters.py TASK TASKS CONNECTIONS RUNS"""

import sys

import trustmh
from always_a import always_a

task, tasks, connections, runs = sys.argv[1:]
trustmh.run(
    subject=always_a,
    judge="none",
    tasks=[task],
    tasks_dir=tasks,
    protocol="reference",
    connections=int(connections),
    runs_dir=runs,
)
