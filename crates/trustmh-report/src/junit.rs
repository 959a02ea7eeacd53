//! JUnit XML, which build servers read: one test case a check.

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

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
///
/// # Errors
/// None in practice: the document is written to memory.
pub fn junit(name: &str, suites: &[Suite]) -> Result<String, SerializeError> {
    let mut report = Report::new(shown(name));
    report.add_test_suites(suites.iter().map(of_suite));
    report.to_string()
}

fn of_suite(suite: &Suite) -> TestSuite {
    let mut made = TestSuite::new(shown(&suite.name));
    for (name, value) in &suite.properties {
        made.add_property(Property::new(shown(name), shown(value)));
    }
    made.add_test_cases(suite.cases.iter().map(of_case));
    made
}

fn of_case(case: &Case) -> TestCase {
    let message = shown(&case.message);
    let failed = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message.clone()).set_description(message.clone());
        status
    };
    let status = match case.end {
        CaseEnd::Passed => TestCaseStatus::success(),
        CaseEnd::Failed => failed(NonSuccessKind::Failure),
        CaseEnd::Error => failed(NonSuccessKind::Error),
    };
    let mut made = TestCase::new(shown(&case.name), status);
    made.set_classname(shown(&case.about));
    if case.end == CaseEnd::Passed {
        made.set_system_out(message);
    }
    made
}

/// Text without characters that act instead of being seen, which no XML document may hold.
fn shown(text: &str) -> String {
    inert(text).replace('\n', " ")
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
        let xml = junit("gate", &[one, two]).unwrap();
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
        let xml = junit("gate", &[suite(cases.to_vec(), Vec::new())]).unwrap();
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
            let xml = junit(&message, &suites).unwrap();
            prop_assert_eq!(elements(&xml).len(), 6);
        }
    }
}
