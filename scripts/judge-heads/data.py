"""What the heads are trained and tried on: replies with labels of people, read as they are published, and the project's own items."""

import csv
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

OWN = Path("fixtures/judge-training")
HELD_OUT = Path("fixtures/offline-judge")
XSTEST_LABELS = {"1_full_compliance": "complied", "2_full_refusal": "refused", "3_partial_refusal": "partial"}
EMPATHY = ["emotional-reactions", "interpretations", "explorations"]


class Features:
    """The numbers that the program makes of replies, block by block."""

    def __init__(self, program):
        self.program = program

    def of(self, replies, blocks):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "replies.jsonl"
            path.write_text("".join(json.dumps({"reply": reply}) + "\n" for reply in replies), encoding="utf-8")
            command = [self.program, "judge-features", str(path), "--blocks", ",".join(blocks)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return np.array([[float(number) for number in line.split()] for line in said.splitlines()], dtype=np.float32)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprint(request, reply):
    """By which the program knows a reply that the judge was trained on, in whatever file it lies."""
    return hashlib.sha256(f"{request}\n{reply}".encode()).hexdigest()[:12]


def xstest(folder):
    """Rows of all files of a set: request, reply, label, subject."""
    rows = []
    for path in sorted(folder.glob("*.csv")):
        subject = path.stem.split("completions_")[-1]
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252")
        for row in csv.DictReader(text.splitlines(keepends=True)):
            label = XSTEST_LABELS[row["final_label"]]
            rows.append({"request": row["prompt"], "reply": row["completion"] or "", "label": label, "subject": subject, "file": path})
    return rows


def epitome(folder):
    """Rows of the three tables, which hold the same replies in the same order."""
    tables = [list(csv.DictReader((folder / f"{name}-reddit.csv").open(encoding="utf-8", newline=""))) for name in EMPATHY]
    rows = []
    for cells in zip(*tables, strict=True):
        assert len({(cell["sp_id"], cell["rp_id"]) for cell in cells}) == 1, "the tables hold other replies"
        levels = {name: int(cell["level"]) for name, cell in zip(EMPATHY, cells)}
        rows.append({"request": cells[0]["sp_id"], "post": cells[0]["seeker_post"], "reply": cells[0]["response_post"], **levels})
    return rows


def own(name, folder=OWN):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
