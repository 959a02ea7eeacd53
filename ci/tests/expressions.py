"""Expressions of GitHub's workflows, as far as ours use them: contexts, ==, !=, &&, ||, !, brackets, status functions."""
import re

TOKENS = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>==|!=|&&|\|\||!|\(|\))|(?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*))")
STATUS = ("always", "success", "failure", "cancelled")


class Parser:
    """A parser by descent that computes as it reads. Everything it does not know is an error."""

    def __init__(self, text, contexts, failed):
        self.contexts, self.failed, self.tokens, at = contexts, failed, [], 0
        while text[at:].strip():
            found = TOKENS.match(text, at)
            if not found:
                raise ValueError(f"not an expression that is known here: {text!r}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def next(self, sign=None):
        kind, value = self.tokens[self.at]
        if sign is not None and value != sign:
            return False
        self.at += 1
        return (kind, value) if sign is None else True

    def whole(self):
        value = self.either()
        if self.tokens[self.at][0] != "end":
            raise ValueError(f"{self.tokens[self.at][1]!r} was not expected")
        return value

    def either(self):
        value = self.both()
        while self.next("||"):
            other = self.both()
            value = value or other
        return value

    def both(self):
        value = self.equal()
        while self.next("&&"):
            other = self.equal()
            value = value and other
        return value

    def equal(self):
        value = self.one()
        while self.tokens[self.at][1] in ("==", "!="):
            sign, other = self.next()[1], self.one()
            value = (str(value).lower() == str(other).lower()) == (sign == "==")
        return value

    def one(self):
        kind, value = self.next()
        if value == "!":
            return not self.one()
        if value == "(":
            inner = self.either()
            if not self.next(")"):
                raise ValueError("a bracket is not closed")
            return inner
        if kind == "text":
            return value[1:-1].replace("''", "'")
        if kind != "name":
            raise ValueError(f"{value!r} was not expected")
        if value in STATUS:
            if not (self.next("(") and self.next(")")):
                raise ValueError(f"{value} is a function")
            return {"always": True, "success": not self.failed, "failure": self.failed, "cancelled": False}[value]
        return self.looked_up(value)

    def looked_up(self, name):
        """A value of a context; empty where GitHub has none, an error for a context that is not provided."""
        first, *rest = name.split(".")
        if first not in self.contexts:
            raise ValueError(f"there is no context {first}")
        value = self.contexts[first]
        for part in rest:
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value


def evaluated(text, contexts, failed=False):
    """The value of an expression."""
    return Parser(text, contexts, failed).whole()


def filled(text, contexts, failed=False):
    """A text with its expressions filled in."""
    def value(found):
        one = evaluated(found[1], contexts, failed)
        return str(one).lower() if isinstance(one, bool) else str(one)

    return re.sub(r"\$\{\{(.*?)\}\}", value, str(text))


def holds(condition, contexts, failed):
    """Whether a step runs: without a function of its own, only if nothing has failed."""
    if condition is None:
        return not failed
    text = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", str(condition))
    text = text[1] if text else str(condition)
    if not re.search(rf"\b({'|'.join(STATUS)})\(\)", text):
        text = f"success() && ({text})"
    return bool(evaluated(text, contexts, failed))
