//! JUnit XML, which build servers read: one test case a check.

use trustmh_core::inert::inert;

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

/// Cases that belong together, for example those of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// What must be known beside the results, by name.
    pub properties: Vec<(String, String)>,
    /// What was looked at.
    pub cases: Vec<Case>,
}

/// `suites` as a JUnit document of this name.
pub fn junit(name: &str, suites: &[Suite]) -> String {
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    let (name, counts) = (escaped(name), counts(cases));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\" {counts}>\n"
    );
    for suite in suites {
        text.push_str(&of_suite(suite));
    }
    text + "</testsuites>\n"
}

fn counts<'c>(cases: impl Iterator<Item = &'c Case> + Clone) -> String {
    let count = |end: CaseEnd| cases.clone().filter(|case| case.end == end).count();
    let (failures, errors) = (count(CaseEnd::Failed), count(CaseEnd::Error));
    let tests = cases.clone().count();
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

fn of_suite(suite: &Suite) -> String {
    let (name, counts) = (escaped(&suite.name), counts(suite.cases.iter()));
    let mut text = format!("  <testsuite name=\"{name}\" {counts}>\n");
    if !suite.properties.is_empty() {
        text.push_str("    <properties>\n");
        for (name, value) in &suite.properties {
            let (name, value) = (escaped(name), escaped(value));
            text.push_str(&format!("      <property name=\"{name}\" value=\"{value}\"/>\n"));
        }
        text.push_str("    </properties>\n");
    }
    for case in &suite.cases {
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
    text + "  </testsuite>\n"
}

/// Text in XML 1.0: markup is escaped, and so are characters that act instead of being seen, which no XML document may hold.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in inert(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(' '),
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

    fn suite(cases: Vec<Case>, caveats: Vec<String>) -> Suite {
        let named = |caveat| ("caveat".to_owned(), caveat);
        Suite {
            name: "run".to_owned(),
            properties: caveats.into_iter().map(named).collect(),
            cases,
        }
    }

    #[test]
    fn caveats_are_properties_and_all_suites_are_counted() {
        let caveats = vec!["Judged by <offline> rules.".to_owned(), "Capped.".to_owned()];
        let one = suite(vec![case(CaseEnd::Passed, "x")], caveats);
        let two = suite(vec![case(CaseEnd::Failed, "y")], Vec::new());
        let xml = junit("gate", &[one, two]);
        let names = elements(&xml);
        let first = ["testsuites", "testsuite", "properties", "property", "property", "testcase"];
        assert_eq!(names.iter().take(6).collect::<Vec<_>>(), first.iter().collect::<Vec<_>>());
        assert_eq!(names.iter().filter(|name| *name == "testsuite").count(), 2);
        assert!(xml.contains("<testsuites name=\"gate\" tests=\"2\" failures=\"1\""), "{xml}");
        assert!(xml.contains("name=\"caveat\" value=\"Judged by &lt;offline&gt; rules.\""));
    }

    #[test]
    fn ends_become_elements() {
        let cases =
            [case(CaseEnd::Passed, "x"), case(CaseEnd::Failed, "y"), case(CaseEnd::Error, "z")];
        let xml = junit("gate", &[suite(cases.to_vec(), Vec::new())]);
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
            let suites = [suite(vec![case(CaseEnd::Failed, &message)], vec![message.clone()])];
            let xml = junit(&message, &suites);
            prop_assert_eq!(elements(&xml).len(), 6);
        }
    }
}
