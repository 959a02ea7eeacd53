//! A terminal as far as the program uses one: what stands on it after all that was written.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts `line`, run by a shell, on a terminal of so many columns, whose output is written to `script.log` in `folder`.
/// What the line says before `exec` runs there, too.
pub fn on_terminal(folder: &Path, columns: usize, line: &str) -> Child {
    let line = format!("stty cols {columns} rows 24; {line}");
    Command::new("script")
        .args(["-qefc", &line, "script.log"])
        .current_dir(folder)
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm")
        .env("TRUSTMH_WEIGHTS_DIR", folder.join("no-weights"))
        .env_remove("TRUSTMH_DATA")
        .env_remove("OPENAI_API_KEY")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What was written to the terminal, without the lines that `script` adds.
pub fn written(folder: &Path) -> String {
    let text =
        String::from_utf8_lossy(&std::fs::read(folder.join("script.log")).unwrap()).into_owned();
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("Script ")).collect()
}

/// The lines that stand on a terminal of so many columns at the end. A sequence that is not known fails the test.
pub fn shown(written: &str, columns: usize) -> Vec<String> {
    let mut screen = Screen { columns, lines: vec![Vec::new()], row: 0, column: 0 };
    let mut signs = written.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\r' => screen.column = 0,
            '\n' => screen.down(),
            '\u{1b}' => screen.sequence(&mut signs),
            sign => screen.put(sign),
        }
    }
    let lines = screen.lines.into_iter().map(|line| line.into_iter().collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).collect()
}

struct Screen {
    columns: usize,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn down(&mut self) {
        self.row += 1;
        if self.row == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn put(&mut self, sign: char) {
        if self.column == self.columns {
            self.column = 0;
            self.down();
        }
        let line = &mut self.lines[self.row];
        if line.len() <= self.column {
            line.resize(self.column + 1, ' ');
        }
        line[self.column] = sign;
        self.column += 1;
    }

    fn sequence(&mut self, signs: &mut std::str::Chars<'_>) {
        assert_eq!(signs.next(), Some('['));
        let mut number = String::new();
        let end = loop {
            match signs.next().unwrap() {
                sign if sign.is_ascii_digit() || sign == ';' => number.push(sign),
                end => break end,
            }
        };
        match end {
            'm' => {}
            'A' => self.row -= number.parse::<usize>().unwrap_or(1),
            'J' => {
                self.lines.truncate(self.row + 1);
                self.lines[self.row].truncate(self.column);
            }
            other => panic!("unknown: ESC [ {number} {other}"),
        }
    }
}
