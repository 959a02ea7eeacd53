"""Recompute scorecards and comparisons from exported trials, with libraries that share no line with this project.

Usage: recompute.py BENCHMARK CARD.json TRIALS.jsonl [CARD.json TRIALS.jsonl COMPARISON.json]

Prints how many values agree to 1e-9 and names those that do not; exit code 1 if there is any.
"""

import json
import math
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.metrics import cohen_kappa_score, f1_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

TOLERANCE = 1e-9


class Tally:
    """Values that agree and those that do not."""

    def __init__(self):
        self.agree = 0
        self.differ = []
        self.methods = defaultdict(int)

    def check(self, name, ours, theirs, method="value"):
        if ours is None or theirs is None:
            return
        if math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            self.agree += 1
            self.methods[method] += 1
        else:
            self.differ.append(f"{name}: {ours!r} there, {theirs!r} recomputed ({method})")


def task_files(benchmark):
    """Metrics of the corrected protocol by task, in file order."""
    found = {}
    for path in sorted(Path(benchmark).glob("*/*.toml")):
        task = tomllib.loads(path.read_text(encoding="utf-8"))
        if "metrics" in task:
            both = ["reference", "corrected"]
            found[task["id"]] = [m for m in task["metrics"] if "corrected" in m.get("protocols", both)]
    return found


def trials(path):
    by_task = defaultdict(list)
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        by_task[row["task"]].append(row)
    return by_task


def selected(rows, rule):
    wanted = rule.get("select", {})
    return [row for row in rows if all(row["tags"].get(k) == v for k, v in wanted.items())]


def measured(rows, of):
    """Values of a measure and the item of each."""
    pairs = [(row["measures"][of], row["cluster"]) for row in rows if of in row["measures"]]
    return np.array([value for value, _ in pairs]), [item for _, item in pairs]


def item_means(rows, of):
    items = defaultdict(list)
    for value, item in zip(*measured(rows, of)):
        items[item].append(value)
    return {item: np.array(values) for item, values in items.items()}


def both(rows, x, y):
    pairs = [(r["measures"][x], r["measures"][y]) for r in rows if x in r["measures"] and y in r["measures"]]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def drop_rate(rows, statistic):
    """Mean over cells of 1 less perturbed over clean, on the same items."""
    of = statistic["of"]
    clean, cells = {}, defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        if of in row["measures"] and row["tags"].get("family") == "none":
            clean[(row["cluster"], row["tags"].get("pair", ""))] = row["measures"][of]
    for row in rows:
        tags = row["tags"]
        key = (row["cluster"], tags.get("pair", ""))
        if of not in row["measures"] or tags.get("family") == "none" or key not in clean:
            continue
        if statistic.get("family", tags["family"]) != tags["family"]:
            continue
        if statistic.get("level", tags["level"]) != tags["level"]:
            continue
        sums = cells[(tags["family"], tags["level"])]
        sums[0] += clean[key]
        sums[1] += row["measures"][of]
    if not cells or any(c == 0 for c, _ in cells.values()):
        return None
    return float(np.mean([1 - p / c for c, p in cells.values()]))


def f1(rows, statistic):
    given, predicted = [], []
    for row in rows:
        if row["measures"].get("correct") is not None and row["key"] is not None:
            given.append(row["key"])
            predicted.append(row["answer"] if row["outcome"] == "scored" else "(unread)")
    if not given:
        return None
    classes = sorted((set(given) | set(predicted)) - {"(unread)"})
    average = statistic["averaging"]
    return float(f1_score(given, predicted, labels=classes, average=average, zero_division=0))


def value(rule, rows, found):
    """A metric's value from the trials; none where this file does not know how."""
    statistic = rule["statistic"]
    kind = statistic["kind"]
    if kind == "mean-of":
        parts = [found.get(name) for name in statistic["metrics"]]
        return None if any(part is None for part in parts) else float(np.mean(parts))
    rows = selected(rows, rule)
    if kind in ("proportion", "mean", "maximum"):
        values, _ = measured(rows, statistic["of"])
        if not len(values):
            return None
        return float(values.max() if kind == "maximum" else values.mean())
    if kind in ("mean-of-items", "sd-of-items", "sd-within-items"):
        items = item_means(rows, statistic["of"])
        if kind == "sd-within-items":
            spreads = [values.std() for values in items.values() if len(values) > 1]
            return float(np.mean(spreads)) if spreads else None
        means = [values.mean() for values in items.values()]
        if not means:
            return None
        return float(np.mean(means) if kind == "mean-of-items" else np.std(means))
    if kind in ("pearson", "spearman", "quadratic-kappa"):
        x, y = both(rows, statistic["x"], statistic["y"])
        if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
            return None
        if kind == "pearson":
            return float(stats.pearsonr(x, y).statistic)
        if kind == "spearman":
            return float(stats.spearmanr(x, y).statistic)
        levels = list(range(int(min(x.min(), y.min())), int(max(x.max(), y.max())) + 1))
        return float(cohen_kappa_score(x.astype(int), y.astype(int), labels=levels, weights="quadratic"))
    if kind == "contrast":
        arms = [measured([r for r in rows if r["tags"].get("arm") == statistic[a]], statistic["of"])[0] for a in ("arm", "against")]
        return float(arms[0].mean() - arms[1].mean()) if all(len(arm) for arm in arms) else None
    if kind == "drop-rate":
        return drop_rate(rows, statistic)
    if kind == "f1":
        return f1(rows, statistic)
    return None


def wilson(share, n, quantile):
    centre = (share + quantile**2 / (2 * n)) / (1 + quantile**2 / n)
    half = quantile * math.sqrt(share * (1 - share) / n + quantile**2 / (4 * n * n)) / (1 + quantile**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def interval(rule, rows, method):
    """The ends by the method that is named, where it is a formula."""
    statistic = rule["statistic"]
    rows = selected(rows, rule)
    if statistic["kind"] == "mean-of-items":
        values = np.array([v.mean() for v in item_means(rows, statistic["of"]).values()])
    elif statistic["kind"] in ("mean", "proportion"):
        values, _ = measured(rows, statistic["of"])
    else:
        return None
    if method == "t":
        ends = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
        # A mean of values in a range lies in it: the corrected protocol cuts the interval there.
        return tuple(np.clip(ends, *rule["range"]))
    if method == "wilson":
        return proportion_confint(round(values.sum()), len(values), method="wilson")
    return None


def recompute(metrics, card, rows, tally):
    for task, result in card["tasks"].items():
        found = {}
        for rule in metrics.get(task, []):
            ours = result["metrics"].get(rule["name"])
            if ours is None:
                continue
            theirs = value(rule, rows[task], found)
            found[rule["name"]] = theirs
            name = f"{task} {rule['name']}"
            tally.check(name, ours["value"], theirs, rule["statistic"]["kind"])
            ends = interval(rule, rows[task], ours["method"])
            if ends is not None and ours["low"] is not None:
                tally.check(f"{name} low", ours["low"], ends[0], ours["method"])
                tally.check(f"{name} high", ours["high"], ends[1], ours["method"])


def mid_p(first, second):
    """McNemar's mid-p value of two counts of discordant pairs."""
    exact = stats.binomtest(min(first, second), first + second).pvalue if first + second else 1.0
    return exact - stats.binom.pmf(min(first, second), first + second, 0.5) if first + second else 1.0


def compared(rule, first, second, ours, name, tally):
    """One metric of two runs, on the trials that both measured."""
    of = rule["statistic"].get("of")
    kind = rule["statistic"]["kind"]
    if kind not in ("proportion", "mean", "mean-of-items"):
        return
    one = {row["trial"]: row for row in selected(first, rule) if of in row["measures"]}
    two = {row["trial"]: row for row in selected(second, rule) if of in row["measures"]}
    shared = sorted(one.keys() & two.keys())
    items = defaultdict(list)
    for trial in shared:
        items[one[trial]["cluster"]].append(two[trial]["measures"][of] - one[trial]["measures"][of])
    if kind == "mean-of-items":
        differences = np.array([np.mean(values) for values in items.values()])
    else:
        differences = np.array([value for values in items.values() for value in values])
    tally.check(f"{name} difference", ours["difference"], float(differences.mean()), "difference")
    independent = kind == "mean-of-items" or all(len(values) == 1 for values in items.values())
    if not independent:
        return
    if ours["test"] == "mc-nemar":
        up, down = int((differences > 0.5).sum()), int((differences < -0.5).sum())
        tally.check(f"{name} mid-p", ours["p"], mid_p(down, up), "mid-p")
        exact = ours["other_tests"].get("mc-nemar-exact")
        tally.check(f"{name} exact p", exact, stats.binomtest(up, up + down).pvalue if up + down else 1.0, "exact")
    if ours["test"] == "paired-t" and np.ptp(differences) > 1e-9:
        tally.check(f"{name} t", ours["p"], float(stats.ttest_1samp(differences, 0).pvalue), "paired t")
        moved = differences[np.abs(differences) > 1e-12]
        signed = ours["other_tests"].get("wilcoxon")
        if signed is not None and 0 < len(moved) <= 50 and len(set(np.abs(moved).round(12))) == len(moved):
            tally.check(f"{name} Wilcoxon", signed, float(stats.wilcoxon(moved, method="exact").pvalue), "Wilcoxon")


def corrections(comparison, tally):
    """Holm over the primary metrics, Benjamini and Hochberg over the others."""
    families = {"holm": [], "fdr_bh": []}
    for task in comparison["tasks"].values():
        for metric in task["metrics"].values():
            if metric["p"] is not None:
                families["holm" if metric["primary"] else "fdr_bh"].append(metric)
    for method, family in families.items():
        if family:
            corrected = multipletests([metric["p"] for metric in family], method=method)[1]
            for metric, theirs in zip(family, corrected):
                tally.check(f"{metric['title']} corrected", metric["p_corrected"], float(theirs), method)


def main(arguments):
    metrics = task_files(arguments[0])
    tally = Tally()
    cards = [arguments[1:3]] + ([arguments[3:5]] if len(arguments) > 3 else [])
    rows = []
    for card, exported in cards:
        rows.append(trials(exported))
        recompute(metrics, json.loads(Path(card).read_text(encoding="utf-8"))[0], rows[-1], tally)
    if len(arguments) > 5:
        comparison = json.loads(Path(arguments[5]).read_text(encoding="utf-8"))["pairs"][0]
        for task, found in comparison["tasks"].items():
            for rule in metrics.get(task, []):
                if rule["name"] in found["metrics"]:
                    ours = found["metrics"][rule["name"]]
                    compared(rule, rows[0][task], rows[1][task], ours, f"{task} {rule['name']}", tally)
        corrections(comparison, tally)
    for line in tally.differ:
        print(line)
    by_method = ", ".join(f"{method} {count}" for method, count in sorted(tally.methods.items()))
    print(f"{tally.agree} of {tally.agree + len(tally.differ)} values agree: {by_method}")
    return 1 if tally.differ or tally.agree == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
