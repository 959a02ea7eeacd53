//! What a reply says, without its dress: Markdown, LaTeX, tags, tables, typographic and full-width signs.

use regex_lite::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

use super::sound;

/// Stand for marks and boxes once the dress is off. They come from the private area, which is taken out of replies first.
pub(super) const YES: char = '\u{f8f0}';
pub(super) const NO: char = '\u{f8f1}';
pub(super) const BOX: char = '\u{f8f2}';
pub(super) const BOX_END: char = '\u{f8f3}';

/// A pattern, compiled where it is first used.
pub(super) type Pattern = LazyLock<Regex>;

/// The text with every match replaced.
pub(super) fn replaced(
    pattern: &Pattern,
    text: &str,
    with: impl Fn(&Captures) -> String,
) -> String {
    pattern.replace_all(text, |found: &Captures| with(found)).into_owned()
}

// Answers stand at the beginning or at the end; of a longer reply no more is looked at.
const BEGINNING: usize = 8_000;
const END: usize = 24_000;

/// The reply as plain lines.
pub(super) fn taken_off(reply: &str) -> String {
    let signs = plain_signs(&ends(reply));
    let boxed = boxes(&signs);
    let untagged = tags(&boxed);
    let lines: Vec<String> = tables(&untagged).iter().map(|line| plain_line(line)).collect();
    headings_joined(&lines)
}

fn ends(reply: &str) -> Cow<'_, str> {
    let Some(end) = reply.len().checked_sub(END).filter(|end| *end > BEGINNING) else {
        return Cow::Borrowed(reply);
    };
    let (mut first, mut last) = (BEGINNING, end);
    while !reply.is_char_boundary(first) {
        first -= 1;
    }
    while !reply.is_char_boundary(last) {
        last += 1;
    }
    let beginning = reply.get(..first).unwrap_or_default();
    // Begin with a whole word.
    let end = reply.get(last..).unwrap_or_default();
    let end = end.split_once(char::is_whitespace).map_or(end, |(_, whole)| whole);
    Cow::Owned(format!("{beginning}\n…\n{end}"))
}

/// Every sign in its plainest form.
pub(super) fn plain_signs(text: &str) -> String {
    text.chars().filter_map(plain_sign).collect()
}

fn plain_sign(c: char) -> Option<char> {
    let code = u32::from(c);
    let letter = |offset: u32, first: char| char::from_u32(u32::from(first) + offset);
    match c {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fe0f}' => None,
        '\u{202a}'..='\u{202e}' | '\u{e000}'..='\u{f8ff}' => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0),
        '。' => Some('。'),
        '選' => Some('选'),
        '擇' => Some('择'),
        '應' => Some('应'),
        '該' => Some('该'),
        '當' => Some('当'),
        '確' => Some('确'),
        '項' => Some('项'),
        '為' => Some('为'),
        '對' => Some('对'),
        '錯' => Some('错'),
        '適' => Some('适'),
        '緒' => Some('绪'),
        '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' => Some('"'),
        '‘' | '’' => Some('\''),
        '【' | '〔' => Some('['),
        '】' | '〕' => Some(']'),
        '⁄' | '∕' => Some('/'),
        '→' | '➡' | '⇒' | '⟶' | '👉' | '➜' | '➔' | '▶' => Some('→'),
        '✅' | '✔' | '✓' | '☑' | '🗹' | '🆗' | '√' => Some(YES),
        '❌' | '✗' | '✘' | '✖' | '🚫' | '❎' | '×' => Some(NO),
        '\u{24b6}'..='\u{24cf}' => letter(code - 0x24b6, 'A'),
        '\u{24d0}'..='\u{24e9}' => letter(code - 0x24d0, 'A'),
        '\u{249c}'..='\u{24b5}' => letter(code - 0x249c, 'A'),
        '\u{1f110}'..='\u{1f129}' => letter(code - 0x1f110, 'A'),
        '\u{1f130}'..='\u{1f149}' => letter(code - 0x1f130, 'A'),
        '\u{1f150}'..='\u{1f169}' => letter(code - 0x1f150, 'A'),
        '\u{1f170}'..='\u{1f189}' => letter(code - 0x1f170, 'A'),
        '\u{1f1e6}'..='\u{1f1ff}' => letter(code - 0x1f1e6, 'A'),
        '\u{1d400}'..='\u{1d6a3}' => match (code - 0x1d400) % 52 {
            upper @ 0..26 => letter(upper, 'A'),
            lower => letter(lower - 26, 'a'),
        },
        '\n' => Some('\n'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// What stands in a box or in tags of an answer, between the two signs for it.
fn boxes(text: &str) -> String {
    static ANSWER: Pattern = LazyLock::new(|| {
        sound(Regex::new(
            r"(?i)<\s*(?:final[_ -]?answer|final|answer|choice|option|solution)\s*>([^<]*)(?:<\s*/[^<>\n]*>|$)",
        ))
    });
    static COMMAND: Pattern = LazyLock::new(|| {
        sound(Regex::new(
            r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathsf|mathit|bf|rm|bm|displaystyle|large|Large|quad|qquad|,|;|!)(?:[^a-zA-Z]|$)",
        ))
    });
    let text = replaced(&ANSWER, text, |found| {
        format!("\n{BOX}{}{BOX_END}\n", found.get(1).map_or("", |m| m.as_str()))
    });
    if !text.contains('\\') && !text.contains('$') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) =
        rest.split_once("\\boxed").or_else(|| rest.split_once("\\fbox"))
    {
        plain.push_str(before);
        let inner = balanced(after.trim_start());
        let skipped = after.len() - after.trim_start().len();
        plain.extend([BOX]);
        plain.push_str(inner);
        plain.extend([BOX_END]);
        rest = after.get(skipped + inner.len()..).unwrap_or_default();
    }
    plain.push_str(rest);
    let plain = replaced(&COMMAND, &plain, |found| {
        let all = found.get(0).map_or("", |m| m.as_str());
        all.chars()
            .next_back()
            .filter(|c| !c.is_ascii_alphabetic())
            .map_or(String::new(), |c| c.to_string())
    });
    ["\\[", "\\]", "\\(", "\\)", "$"].iter().fold(plain, |text, sign| text.replace(sign, " "))
}

/// The bracketed piece that begins here, brackets included; of one that does not end, nothing.
fn balanced(text: &str) -> &str {
    let mut open = 0_usize;
    for (at, c) in text.char_indices().take(300) {
        match c {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            return if c == '}' { text.get(..=at).unwrap_or_default() } else { "" };
        }
    }
    ""
}

fn tags(text: &str) -> String {
    static BREAK: Pattern =
        LazyLock::new(|| sound(Regex::new(r"(?i)</?(?:br|p|div|li|tr|h[1-6])\s*/?>")));
    static TAG: Pattern = LazyLock::new(|| sound(Regex::new(r"<[/!|]?[A-Za-z][^<>\n]{0,200}>")));
    static STRUCK: Pattern =
        LazyLock::new(|| sound(Regex::new(r"~~[^~\n]{1,200}~~|<(?:s|del|strike)>[^<\n]{0,200}</")));
    let text = replaced(&STRUCK, text, |_| " ".to_owned());
    let text = replaced(&BREAK, &text, |_| "\n".to_owned());
    let bold = text.contains("</b>") || text.contains("</B>");
    replaced(&TAG, &text, |found| {
        let tag = found.get(0).map_or("", |m| m.as_str());
        // "<B>" alone is a letter between brackets.
        if tag.len() == 3 && !bold { tag.replace(['<', '>'], " ") } else { " ".to_owned() }
    })
}

/// Rows of tables as lines: "option: what stands beside it".
fn tables(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut plain = Vec::with_capacity(lines.len());
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let rows = lines.get(index..).unwrap_or_default().iter().take_while(|l| is_row(l)).count();
        if rows < 2 {
            plain.push((*line).to_owned());
            index += 1;
            continue;
        }
        plain.extend(table(lines.get(index..index + rows).unwrap_or_default()));
        index += rows;
    }
    plain
}

fn is_row(line: &str) -> bool {
    line.trim().starts_with('|') || line.matches('|').count() > 1
}

fn table(rows: &[&str]) -> Vec<String> {
    let cells = |row: &str| -> Vec<String> {
        row.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let is_rule = |row: &&str| row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '+'));
    let ruled = rows.iter().position(is_rule);
    let (head, body): (Vec<String>, &[&str]) = match ruled {
        Some(rule) if rule > 0 => (
            rows.first().map(|row| cells(row)).unwrap_or_default(),
            rows.get(rule + 1..).unwrap_or_default(),
        ),
        Some(_) | None => (Vec::new(), rows),
    };
    if let [row] = body {
        let named = head.iter().zip(cells(row)).map(|(name, cell)| format!("{name}: {cell}"));
        let mut lines: Vec<String> = named.map(|line| answers(&line)).collect();
        if lines.is_empty() {
            lines.push(cells(row).join(": "));
        }
        return lines;
    }
    body.iter().filter(|row| !is_rule(row)).map(|row| cells(row).join(": ")).collect()
}

/// A column for what was chosen names the answer.
fn answers(line: &str) -> String {
    static CHOSEN: Pattern = LazyLock::new(|| {
        sound(Regex::new(
            r"(?i)^[*_ ]*(?:chosen|choice|selected|selection|pick|picked|letter|option|(?:chosen|selected|my|final) (?:option|answer|choice))[*_ ]*:",
        ))
    });
    replaced(&CHOSEN, line, |_| "Answer:".to_owned())
}

fn plain_line(line: &str) -> String {
    static LEADING: Pattern =
        LazyLock::new(|| sound(Regex::new(r"^(?:\s|#|>|[-*+•·]\s|```\w*|[-=_*]{3,}$)+")));
    static TICK: Pattern =
        LazyLock::new(|| sound(Regex::new(r"^\s*(?:\d+[.)]\s*)?[\[(]\s*[xX\u{f8f0}]\s*[\])]")));
    static EMPTY: Pattern =
        LazyLock::new(|| sound(Regex::new(r"^\s*(?:\d+[.)]\s*)?(?:\[\s?\]|\(\s\)|[☐□○◯⬜]).*$")));
    let line = replaced(&LEADING, line, |_| String::new());
    let line = replaced(&TICK, &line, |_| format!("{YES} "));
    let line = replaced(&EMPTY, &line, |_| String::new());
    let line = line.replace(['●', '◉', '🔘'], &YES.to_string());
    let mut plain = String::with_capacity(line.len());
    let mut before = ' ';
    let mut signs = line.chars().peekable();
    while let Some(c) = signs.next() {
        let beside_word =
            before.is_alphanumeric() && signs.peek().is_some_and(|c| c.is_alphanumeric());
        match c {
            '*' | '`' | '{' | '}' => {}
            '_' if !beside_word => {}
            _ => plain.push(c),
        }
        before = c;
    }
    plain.trim().to_owned()
}

/// A heading that only announces the answer belongs to the line that follows it.
fn headings_joined(lines: &[String]) -> String {
    static ANNOUNCES: Pattern = LazyLock::new(|| {
        sound(Regex::new(
            r"(?i)^(?:\d+[.)] *)?(?:(?:the|my|final|correct|best|chosen|selected|revised|corrected|most appropriate) +){0,3}(?:answer|choice|option|selection|decision|pick|conclusion|solution)(?: +is)? *[:：]? *$|^.{0,160}\b(?:is|be|choose|pick|select|with|therefore) *:$|^.{0,60}(?:是|为|选|选择) *:$|^(?:我的|最终|正确|最后)*(?:答案|选择|选项)(?:是|为)? *[:：]? *$",
        ))
    });
    let mut plain = String::new();
    for line in lines {
        let announces = ANNOUNCES.is_match(line);
        if announces {
            plain.push_str(line.trim_end_matches([':', ' ']));
            plain.push_str(": ");
        } else if !(line.is_empty() && plain.ends_with(": ")) {
            plain.push_str(line);
            plain.push('\n');
        }
    }
    plain
}
