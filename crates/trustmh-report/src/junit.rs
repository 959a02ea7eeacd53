//! JUnit XML, which build servers read: one test case a check.

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEnd {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It could not be looked at.
    Error,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is about; shown as the class.
    pub about: String,
    /// Its name.
    pub name: String,
    /// How it ended.
    pub end: CaseEnd,
    /// What was wanted and what was found.
    pub message: String,
}

/// A suite of `cases` as a JUnit document.
pub fn junit(suite: &str, cases: &[Case]) -> String {
    let count = |end: CaseEnd| cases.iter().filter(|case| case.end == end).count();
    let (failures, errors) = (count(CaseEnd::Failed), count(CaseEnd::Error));
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", cases.len());
    let name = escaped(suite);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\" {counts}>\n  <testsuite name=\"{name}\" {counts}>\n"
    );
    for case in cases {
        let (about, name) = (escaped(&case.about), escaped(&case.name));
        text.push_str(&format!("    <testcase classname=\"{about}\" name=\"{name}\""));
        let tag = match case.end {
            CaseEnd::Passed => None,
            CaseEnd::Failed => Some("failure"),
            CaseEnd::Error => Some("error"),
        };
        let message = escaped(&case.message);
        text.push_str(&match tag {
            None => format!(">\n      <system-out>{message}</system-out>\n    </testcase>\n"),
            Some(tag) => {
                format!(
                    ">\n      <{tag} message=\"{message}\">{message}</{tag}>\n    </testcase>\n"
                )
            }
        });
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text in XML 1.0: markup is escaped, and characters that no XML document may hold are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use roxmltree::Document;

    /// Names of the elements, if the text is well-formed XML.
    fn elements(xml: &str) -> Vec<String> {
        let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
        let elements = document.descendants().filter(|node| node.is_element());
        elements.map(|node| node.tag_name().name().to_owned()).collect()
    }

    fn case(end: CaseEnd, message: &str) -> Case {
        let (about, name) = ("a & b".to_owned(), "<rule \"one\">".to_owned());
        Case { about, name, end, message: message.to_owned() }
    }

    #[test]
    fn ends_become_elements() {
        let cases =
            [case(CaseEnd::Passed, "x"), case(CaseEnd::Failed, "y"), case(CaseEnd::Error, "z")];
        let xml = junit("gate", &cases);
        let names = elements(&xml);
        let expected = [
            "testsuites",
            "testsuite",
            "testcase",
            "system-out",
            "testcase",
            "failure",
            "testcase",
            "error",
        ];
        assert_eq!(names, expected);
        assert!(xml.contains("tests=\"3\" failures=\"1\" errors=\"1\""));
        assert!(xml.contains("name=\"&lt;rule &quot;one&quot;&gt;\""));
    }

    proptest! {
        #[test]
        fn any_text_makes_well_formed_xml(message in any::<String>()) {
            let xml = junit(&message, &[case(CaseEnd::Failed, &message)]);
            prop_assert_eq!(elements(&xml).len(), 4);
        }
    }
}
