"""What a run prints at its end on a terminal with colour, as a drawing."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata
from html import escape

# Of the terminal's own colours, those with enough contrast on its ground.
GROUND, INK = "#15181d", "#d7dbe0"
COLOURS = {31: "#ff7b72", 32: "#56d364", 33: "#e3b341", 34: "#79c0ff", 36: "#76e3ea", 90: "#8b949e"}
CELL, LINE, SIZE, MARGIN = 8.4, 19, 14, 18


def coloured(arguments, folder, variables, columns):
    """What the command prints on its standard output, if that is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {**variables, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    variables.pop("NO_COLOR", None)
    command = subprocess.Popen(arguments, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    said = bytearray()
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            break
        if not read:
            break
        said += read
    os.close(ours)
    errors = command.stderr.read().decode()
    # A run that was stopped by its limit ends with 4.
    if command.wait() not in (0, 4):
        raise RuntimeError(f"{' '.join(arguments)}: {errors[-2000:]}")
    return said.decode().replace("\r\n", "\n")


def pieces(line):
    """The pieces of a line: column, text, colour, weight."""
    column, colour, bold = 0, INK, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code:
            for number in (int(number or 0) for number in code[1].split(";")):
                if number == 0:
                    colour, bold = INK, False
                elif number == 1:
                    bold = True
                else:
                    colour = COLOURS.get(number, colour)
        elif part:
            yield column, part, colour, bold
            column += sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in part)


def svg(text):
    """The text as a terminal shows it."""
    lines = text.rstrip("\n").split("\n")
    if not 10 <= len(lines) <= 24:
        raise RuntimeError(f"an ending of {len(lines)} rows:\n{text}")
    wide = max((column + len(part) for line in lines for column, part, _, _ in pieces(line)), default=80)
    width, height = round(wide * CELL + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    rows = []
    for number, line in enumerate(lines):
        y = MARGIN + number * LINE + SIZE
        for column, part, colour, bold in pieces(line):
            # Each word group at its column and as wide as its cells, whatever font there is; drawings keep no runs of blanks.
            for group in re.finditer(r"\S+(?: \S+)*", part):
                x, weight = MARGIN + (column + group.start()) * CELL, ' font-weight="bold"' if bold else ""
                rows.append(
                    f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight} textLength="{len(group[0]) * CELL:.1f}" '
                    f'lengthAdjust="spacingAndGlyphs">{escape(group[0])}</text>'
                )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">\n'
        "<title>What a run prints at its end</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>\n'
        f'<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="{SIZE}">\n'
        + "\n".join(rows)
        + "\n</g>\n</svg>\n"
    )
