"""What the pages of the documentation are, and what stands in them: docs/SUMMARY.md, links, anchors."""
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = Path("docs/SUMMARY.md")

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
SPAN = re.compile(r"(`+)(?!`)(.*?)(?<!`)\1(?!`)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
INLINE = re.compile(r"\]\(\s*(?:<([^>\n]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)>?", re.MULTILINE)
IN_HTML = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
NAMED = re.compile(r"<[a-z][^>]*?\b(?:id|name)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Link:
    """A link of a page: the line it stands in, and where it leads, as written."""

    line: int
    target: str

    @property
    def is_external(self):
        return re.match(r"[a-z][a-z0-9+.-]*:|//", self.target, re.IGNORECASE) is not None

    @property
    def path(self):
        """The part before `?` and `#`, without percent signs; empty for a place in the page itself."""
        return unquote(re.split(r"[?#]", self.target, maxsplit=1)[0])

    @property
    def anchor(self):
        """The part after `#`, or an empty text."""
        return unquote(self.target.partition("#")[2])


def blanked(match):
    """As many lines of nothing, so that line numbers stay right."""
    return "\n" * match.group(0).count("\n")


def prose(text):
    """The page without fenced code and comments."""
    kept, fence = [], None
    for line in text.split("\n"):
        opened = FENCE.match(line)
        if fence is None and opened:
            fence = opened.group(1)
            line = ""
        elif fence is not None:
            closes = opened and opened.group(1).startswith(fence) and not line.strip().strip(fence[0])
            fence, line = (None if closes else fence), ""
        kept.append(line)
    return COMMENT.sub(blanked, "\n".join(kept))


def links(text):
    """All links and images of a page, in order, code left out."""
    text = SPAN.sub(blanked, prose(text))
    found = [(match.start(), next(part for part in match.groups() if part is not None))
             for pattern in (INLINE, DEFINITION, IN_HTML) for match in pattern.finditer(text)]
    return [Link(text.count("\n", 0, start) + 1, target) for start, target in sorted(found)]


def anchors(text):
    """The anchors that a code host makes of a page's headings, and those that it names itself."""
    text = prose(text)
    made, seen = set(NAMED.findall(SPAN.sub(blanked, text))), {}
    for heading in HEADING.findall(text):
        slug = slugged(heading)
        seen[slug] = seen.get(slug, -1) + 1
        made.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
    return made


def slugged(heading):
    """A heading's anchor: its words in lower case, joined by `-`, signs and marks of Markdown left out."""
    shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    shown = "".join(one for one in shown.lower() if one in " -_" or unicodedata.category(one)[0] in "LNM")
    return shown.strip().replace(" ", "-")


def led_to(page, path):
    """The file of the repository that a page's link leads to, relative to the root; none where it leads out of it.

    A folder with a README.md is that file, as code hosts show it.
    """
    led = (ROOT / page).parent.joinpath(path).resolve()
    if not led.is_relative_to(ROOT):
        return None
    led = led.relative_to(ROOT)
    readme = led / "README.md"
    return readme if (ROOT / readme).is_file() else led


def summary():
    """The pages that docs/SUMMARY.md names, in order, relative to the root."""
    return [led_to(SUMMARY, link.path) for link in links((ROOT / SUMMARY).read_text(encoding="utf-8"))]


def faults_of_summary():
    """What docs/SUMMARY.md misses, names twice, or names in vain."""
    named = summary()
    written = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")} - {SUMMARY}
    faults = [f"{page}: is not in {SUMMARY}" for page in sorted(written - set(named))]
    faults += [f"{SUMMARY}: names {page}, which is not there" for page in named if page and not (ROOT / page).is_file()]
    faults += [f"{SUMMARY}: names {page} twice" for page in sorted(set(named)) if named.count(page) > 1]
    return faults
