//! Names of files made of other names: such as every system takes.

/// What Windows keeps for devices, whatever ending stands behind.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Those that it numbers from 1 to 9.
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// Longer names are cut: systems take 255 bytes, and endings and dates are put behind.
const LONGEST: usize = 120;

/// A name for a file, or a part of one: letters and digits of ASCII, `-`, `_`, and `.` inside; anything else becomes `-`. It names no
/// device, no folder above and no hidden file, and is never empty.
pub fn file_name(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = text.chars().take(LONGEST).map(|c| if fits(c) { c } else { '-' }).collect();
    // Windows drops dots at the end; names that begin with one are hidden elsewhere.
    let name = name.trim_matches('.');
    if name.is_empty() {
        return "_".to_owned();
    }
    let first = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_number = |rest: &str| matches!(rest.as_bytes(), [b'1'..=b'9']);
    let is_numbered = |device: &str| first.strip_prefix(device).is_some_and(is_number);
    let is_device =
        DEVICES.contains(&first.as_str()) || NUMBERED.iter().any(|device| is_numbered(device));
    if is_device { format!("_{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_fit_every_system() {
        for (text, name) in [
            ("openai/gpt-5.1", "openai-gpt-5.1"),
            ("ollama/gpt-oss:20b", "ollama-gpt-oss-20b"),
            (r"C:\runs\x", "C--runs-x"),
            ("../../etc", "-..-etc"),
            ("..", "_"),
            ("name. ", "name.-"),
            ("name...", "name"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com7", "_com7"),
            ("com10", "com10"),
            ("console", "console"),
            ("模型", "--"),
            ("a<b>|?*\"", "a-b-----"),
        ] {
            assert_eq!(file_name(text), name, "{text}");
        }
        assert_eq!(file_name(&"x".repeat(500)).len(), 120);
    }
}
