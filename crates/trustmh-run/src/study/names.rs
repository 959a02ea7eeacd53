//! Names that people give, as names of folders: nothing in them leads elsewhere, and no two are the same.

use std::collections::BTreeSet;

use trustmh_core::digest::Digest;

/// The most characters of a folder's name.
const LONGEST: usize = 40;

/// Names that some systems keep for devices.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A folder's name that is like `given`: ASCII letters in lower case, digits, dots and hyphens. Of a name that has none of them it is
/// `otherwise` with four digits of the name's hash.
pub fn folder_name(given: &str, otherwise: &str) -> String {
    let mut name = String::new();
    for sign in given.chars().flat_map(char::to_lowercase) {
        match sign {
            'a'..='z' | '0'..='9' => name.push(sign),
            '.' if !name.ends_with(['.', '-']) => name.push('.'),
            _ if !name.ends_with(['.', '-']) => name.push('-'),
            _ => {}
        }
    }
    let name: String = name.trim_matches(['.', '-']).chars().take(LONGEST).collect();
    let name = name.trim_end_matches(['.', '-']);
    let stem =
        name.split('.').next().unwrap_or(name).trim_end_matches(|sign: char| sign.is_ascii_digit());
    match name {
        "" => format!("{otherwise}-{}", &Digest::of(given.as_bytes()).as_str()[..4]),
        _ if DEVICES.contains(&stem) => format!("{otherwise}-{name}"),
        _ => name.to_owned(),
    }
}

/// The same for several names; of two that are alike the second ends with a number.
pub fn folder_names<'n>(given: impl IntoIterator<Item = &'n str>, otherwise: &str) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let names = given.into_iter().map(|given| {
        let name = folder_name(given, otherwise);
        let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|one| !taken.contains(one));
        let free = free.unwrap_or(name);
        taken.insert(free.clone());
        free
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_readable_and_apart() {
        assert_eq!(folder_name("Coach 3 (beta)", "x"), "coach-3-beta");
        assert_eq!(folder_name("openai/gpt-5.1", "x"), "openai-gpt-5.1");
        assert_eq!(folder_name("../../etc/passwd", "x"), "etc-passwd");
        assert!(folder_name("..", "subject").starts_with("subject-"));
        assert_eq!(folder_name("NUL", "subject"), "subject-nul");
        assert_eq!(folder_names(["A/b", "a b", "a-b"], "x"), ["a-b", "a-b-2", "a-b-3"]);
        assert!(folder_name("研究", "study").starts_with("study-"));
    }

    proptest! {
        #[test]
        fn no_name_leads_elsewhere(given in "\\PC{0,90}") {
            let name = folder_name(&given, "study");
            prop_assert!(!name.is_empty() && name.len() <= LONGEST + 10, "{}", name);
            prop_assert!(name.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-' || sign == b'.'));
            prop_assert!(!name.starts_with(['.', '-']) && !name.contains(".."), "{}", name);
        }
    }
}
