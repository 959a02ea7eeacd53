"""Recompute the agreement of raters with libraries that share no line with this project.

Usage: agreement.py TABLE.csv AGREEMENT.json

TABLE.csv has a column `item` and one of numbers for each rater, with gaps; AGREEMENT.json is what `trustmh agreement` prints of it.
Prints how many values agree to 1e-9 and names those that do not; exit code 1 if there is any.
"""

import csv
import json
import math
import sys

import krippendorff
import numpy as np
from scipy import stats
from sklearn.metrics import cohen_kappa_score


def main(table, printed):
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(printed, encoding="utf-8") as file:
        found = json.load(file)
    names = [name for name in rows[0] if name != "item"]
    ratings = {name: [float(row[name]) if row[name] else math.nan for row in rows] for name in names}
    agree, differ = 0, []

    def check(what, ours, theirs):
        nonlocal agree
        if math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9):
            agree += 1
        else:
            differ.append(f"{what}: {ours!r} there, {theirs!r} recomputed")

    matrix = np.array([ratings[name] for name in names])
    alpha = krippendorff.alpha(reliability_data=matrix, level_of_measurement="interval")
    check("alpha", found["krippendorff_alpha"]["value"], alpha)
    for pair in found["pairs"]:
        left, right = np.array(ratings[pair["left"]]), np.array(ratings[pair["right"]])
        both = ~np.isnan(left) & ~np.isnan(right)
        left, right = left[both].astype(int), right[both].astype(int)
        name = f"{pair['left']} and {pair['right']}"
        check(f"{name} n", pair["cohen_kappa"]["n"], len(left))
        check(f"{name} kappa", pair["cohen_kappa"]["value"], cohen_kappa_score(left, right))
        levels = list(range(min(left.min(), right.min()), max(left.max(), right.max()) + 1))
        weighted = cohen_kappa_score(left, right, labels=levels, weights="quadratic")
        check(f"{name} weighted kappa", pair["quadratic_kappa"]["value"], weighted)
        check(f"{name} rho", pair["spearman"]["value"], stats.spearmanr(left, right).statistic)
        check(f"{name} mae", pair["mae"]["value"], np.abs(right - left).mean())
        check(f"{name} bias", pair["bias"]["value"], (right - left).mean())
    for line in differ:
        print(line)
    print(f"{agree} of {agree + len(differ)} values agree")
    return 1 if differ or agree == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
