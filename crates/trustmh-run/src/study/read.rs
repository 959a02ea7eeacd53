//! Reading a study file: its form, then the rules that span its fields. What is wrong is told with the line and the field.

use trustmh_core::digest::Digest;
use trustmh_core::form_fault;
use trustmh_core::scorecard::JudgeName;

use super::credentials;
use super::error::StudyError;
use super::file::{Judge, StudyFile, Subject};
use super::place::{Way, line, line_of};

/// The commented study file that works at once.
const TEMPLATE: &str = include_str!("template.toml");

/// The commented study file that works at once, offline.
pub const fn template() -> &'static str {
    TEMPLATE
}

/// A study file that was read, with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct StudySource {
    /// The file as the user knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What it says.
    pub study: StudyFile,
}

impl StudySource {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// [`StudyError`] with line and field: what is no TOML, unknown fields, keys, and rules that are broken.
    pub fn parse(file: &str, text: &str) -> Result<Self, StudyError> {
        credentials::refuse(file, text)?;
        let study = toml::from_str(text).map_err(|error| malformed(file, text, &error))?;
        let source = Self { file: file.to_owned(), text: text.to_owned(), study };
        source.check()?;
        Ok(source)
    }

    /// The hash of its text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// Where the field `field` of the entry `place` of the list `table` stands, for faults that are found elsewhere: file and line, and
    /// the field by its whole name.
    pub fn place(&self, table: &str, place: Option<usize>, field: Option<&str>) -> String {
        let way = way(table, place, field);
        format!("{}:{}: `{way}`", self.file, line(&self.text, &way))
    }

    fn rule(&self, way: &Way, message: impl Into<String>, hint: &str) -> StudyError {
        StudyError::Rule {
            file: self.file.clone(),
            line: line(&self.text, way),
            field: way.to_string(),
            message: message.into(),
            hint: Some(hint.to_owned()),
        }
    }

    fn check(&self) -> Result<(), StudyError> {
        let StudyFile { subjects, judges, data, limits, .. } = &self.study;
        if subjects.is_empty() {
            let hint = "add a table: [[subjects]] with model = \"scripted/random\", for example";
            return Err(self.rule(&Way::to("subjects"), "a study asks at least one subject", hint));
        }
        if judges.is_empty() {
            let hint = "add a table: [[judges]] with model = \"offline\", or \"none\" where nobody is to judge";
            return Err(self.rule(&Way::to("judges"), "a study has at least one judge", hint));
        }
        for (place, subject) in subjects.iter().enumerate() {
            self.check_subject(place, subject)?;
        }
        for (place, judge) in judges.iter().enumerate() {
            self.check_judge(place, judge)?;
        }
        if data.tasks.is_empty() {
            let way = Way::to("data").field("tasks");
            return Err(self.rule(
                &way,
                "asks nothing",
                "name tasks, pillars or suites, or leave it out for all",
            ));
        }
        if let Some(cost) = limits.max_cost.filter(|cost| !cost.is_finite() || *cost <= 0.0) {
            let way = Way::to("limits").field("max_cost");
            let message = format!("is {cost}; a limit is more than 0 dollars");
            return Err(self.rule(
                &way,
                message,
                "leave it out where nothing is to limit the cost",
            ));
        }
        self.check_others()
    }

    /// What is wrong with a subject, alone or beside those before it.
    fn check_subject(&self, place: usize, subject: &Subject) -> Result<(), StudyError> {
        let way = Way::to("subjects").at(place);
        self.check_model(&way, &subject.model)?;
        self.check_address(&way, subject.base_url.as_deref())?;
        self.check_variable(&way, subject.key_env.as_deref())?;
        if subject.system.is_some() && subject.system_text.is_some() {
            let message = "stands beside `system`: a subject has one system prompt";
            return Err(self.rule(&way.field("system_text"), message, "leave one of them out"));
        }
        let before = &self.study.subjects[..place];
        if let Some(first) = before.iter().position(|other| other.shown() == subject.shown()) {
            let field = if subject.name.is_some() { "name" } else { "model" };
            let line = line(&self.text, &Way::to("subjects").at(first));
            let message =
                format!("subject {} (line {line}) is called `{}`, too", first + 1, subject.shown());
            return Err(self.rule(
                &way.field(field),
                message,
                "give each subject a name of its own: name = \"…\"",
            ));
        }
        if let Some(first) = before.iter().position(|other| other.is_asked_like(subject)) {
            let message = format!(
                "is asked the very same as subject {}, `{}`",
                first + 1,
                before[first].shown()
            );
            return Err(self.rule(
                &way,
                message,
                "leave one out; to ask a subject several times set its repeats",
            ));
        }
        Ok(())
    }

    fn check_judge(&self, place: usize, judge: &Judge) -> Result<(), StudyError> {
        let way = Way::to("judges").at(place);
        self.check_model(&way, &judge.model)?;
        self.check_address(&way, judge.base_url.as_deref())?;
        self.check_variable(&way, judge.key_env.as_deref())?;
        let before = &self.study.judges[..place];
        if let Some(first) = before.iter().position(|other| other.model == judge.model) {
            let message = format!("judge {} is `{}`, too", first + 1, judge.model);
            return Err(self.rule(&way.field("model"), message, "name each judge once"));
        }
        if let Some(first) = before.iter().position(|other| other.shown() == judge.shown()) {
            let message = format!("judge {} is called `{}`, too", first + 1, judge.shown());
            return Err(self.rule(
                &way.field("name"),
                message,
                "give each judge a name of its own",
            ));
        }
        let asked = matches!(JudgeName::from(judge.model.as_str()), JudgeName::Model(_));
        if let Some(field) = judge_fields(judge).into_iter().find(|_| !asked) {
            let message = format!("has no effect: the judge `{}` is sent no requests", judge.model);
            return Err(self.rule(
                &way.field(field),
                message,
                "leave it out, or name a model as judge",
            ));
        }
        let is_subject = |subject: &&Subject| subject.model == judge.model;
        match self.study.subjects.iter().find(is_subject) {
            Some(subject) if !self.study.study.allow_self_judge => {
                let message = format!(
                    "is the model of the subject `{}`: it would judge itself",
                    subject.shown()
                );
                let hint = "name another judge, or set allow_self_judge = true under [study]; reports will say so";
                Err(self.rule(&way.field("model"), message, hint))
            }
            _ => Ok(()),
        }
    }

    fn check_others(&self) -> Result<(), StudyError> {
        if let Some(client) = &self.study.client {
            let way = Way::to("client");
            self.check_model(&way, &client.model)?;
            self.check_address(&way, client.base_url.as_deref())?;
            self.check_variable(&way, client.key_env.as_deref())?;
        }
        if let Some(toxicity) = &self.study.toxicity {
            let way = Way::to("toxicity");
            self.check_address(&way, Some(&toxicity.base_url))?;
            self.check_variable(&way, toxicity.key_env.as_deref())?;
        }
        Ok(())
    }

    fn check_model(&self, way: &Way, model: &str) -> Result<(), StudyError> {
        match model.trim().is_empty() || model.chars().any(char::is_control) {
            true => Err(self.rule(
                &way.field("model"),
                "names no model",
                "`trustmh run --help` lists how models are named",
            )),
            false => Ok(()),
        }
    }

    fn check_address(&self, way: &Way, url: Option<&str>) -> Result<(), StudyError> {
        match url {
            Some(url) if url.trim().is_empty() => {
                let hint = "leave it out for the provider's own endpoint";
                Err(self.rule(&way.field("base_url"), "is empty", hint))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The value is not repeated: it may be the key itself.
    fn check_variable(&self, way: &Way, name: Option<&str>) -> Result<(), StudyError> {
        let is_name = |name: &str| {
            let mut signs = name.chars();
            signs.next().is_some_and(|first| first.is_ascii_uppercase() || first == '_')
                && signs
                    .all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_')
        };
        match name {
            Some(name) if !is_name(name) => {
                let message = "is no name of an environment variable (capital letters, digits and _); if it is the key itself, take it out";
                let hint = "put the key into an environment variable and name that: key_env = \"MY_API_KEY\"";
                Err(self.rule(&way.field("key_env"), message, hint))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The fields of a judge that say how it is asked, as far as they are set.
fn judge_fields(judge: &Judge) -> Vec<&'static str> {
    let all = [
        ("thinking_tokens", judge.thinking_tokens.is_some()),
        ("options", !judge.options.is_empty()),
        ("base_url", judge.base_url.is_some()),
        ("key_env", judge.key_env.is_some()),
        ("connections", judge.connections.is_some()),
        ("rpm", judge.rpm.is_some()),
        ("tpm", judge.tpm.is_some()),
    ];
    all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
}

fn way(table: &str, place: Option<usize>, field: Option<&str>) -> Way {
    let way = Way::to(table);
    let way = place.map_or(way.clone(), |place| way.at(place));
    field.map_or(way.clone(), |field| way.field(field))
}

/// A file that is no TOML of its form. The line itself is not repeated.
fn malformed(file: &str, text: &str, error: &toml::de::Error) -> StudyError {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    let field = shown.split('=').next().unwrap_or_default().trim();
    let is_field = !field.is_empty()
        && field.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-.".contains(sign));
    let unknown = unknown_word(error.message());
    let heading = heading(shown).filter(|_| unknown.is_none());
    let message = heading.unwrap_or_else(|| form_fault::in_plain_words(error));
    let is_of_field = is_field && shown.contains('=') && !message.starts_with("unknown field");
    let message = match is_of_field {
        true => format!("`{field}`: {message}"),
        false => message,
    };
    StudyError::Malformed { file: file.to_owned(), line, message, unknown }
}

/// What is wrong with a heading that makes one table of a list, or a list of one table; none of any other line.
fn heading(line: &str) -> Option<String> {
    const LISTS: [&str; 2] = ["subjects", "judges"];
    let name = line.trim().trim_start_matches('[').split(']').next()?.trim();
    let is_list = line.trim().starts_with("[[");
    match (line.trim().starts_with('['), is_list, LISTS.contains(&name)) {
        (true, false, true) => {
            Some(format!("`[{name}]` is one table; write [[{name}]] above each entry"))
        }
        (true, true, false) => Some(format!("`[[{name}]]` is a list; write [{name}], once")),
        _ => None,
    }
}

/// The word that is not known, and those that are: serde says them between backticks.
fn unknown_word(message: &str) -> Option<(String, Vec<String>)> {
    let is_such =
        ["unknown field", "unknown variant"].iter().any(|begin| message.starts_with(begin));
    let mut words = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let unknown = words.next().filter(|_| is_such)?;
    Some((unknown, words.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[study]\nname = \"x\"\n[[subjects]]\nmodel = \"scripted/random\"\n[[judges]]\nmodel = \"offline\"\n";

    fn told(text: &str) -> String {
        let error = StudySource::parse("s.toml", text).unwrap_err();
        format!("{error} | {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn the_template_and_the_least_study_are_read() {
        assert_eq!(StudySource::parse("s.toml", LEAST).unwrap().study.data.tasks, ["all"]);
        let template = StudySource::parse("s.toml", template()).unwrap();
        assert!(template.study.subjects.len() > 1, "something to compare");
    }

    #[test]
    fn options_are_those_of_the_command_line() {
        let more = "[[subjects]]\nmodel = \"openai/x\"\noptions = { top_p = 0.9, reasoning.effort = \"low\", temperature = \"null\", stop = [\"a\"] }\n";
        let source = StudySource::parse("s.toml", &format!("{LEAST}{more}")).unwrap();
        let typed = source.study.subjects[1].typed_options();
        assert_eq!(
            typed,
            ["reasoning.effort=\"low\"", "stop=[\"a\"]", "temperature=null", "top_p=0.9"]
        );
    }

    #[test]
    fn an_unknown_field_is_told_with_its_line_and_those_that_are_known() {
        let error = StudySource::parse("s.toml", &format!("{LEAST}modle = \"x\"\n")).unwrap_err();
        let StudyError::Malformed { line, unknown: Some((word, known)), .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((*line, word.as_str()), (7, "modle"));
        assert!(known.contains(&"model".to_owned()), "{known:?}");
        assert!(
            told(&format!("{LEAST}rpm = \"many\"\n"))
                .starts_with("s.toml:7: `rpm`: is the text \"many\"; expected")
        );
        assert!(
            told(&format!("{LEAST}[limits]\nmax_calls = 0\n")).contains("s.toml:8: `max_calls`: ")
        );
        assert!(
            told(&format!("{LEAST}[limits]\nmax_cost = 0\n"))
                .contains("s.toml:8: `limits.max_cost`: is 0")
        );
        assert!(told("[study\nname = 1").starts_with("s.toml:1: "));
        let headed = |is: &str, was: &str| told(&LEAST.replace(was, is));
        assert!(
            headed("[subjects]", "[[subjects]]")
                .contains("`[subjects]` is one table; write [[subjects]] above each entry")
        );
        assert!(headed("[[study]]", "[study]").contains("`[[study]]` is a list; write [study]"));
        let data = told(&format!("{LEAST}[[data]]\ntasks = [\"ethics\"]\n"));
        assert!(data.starts_with("s.toml:7: `[[data]]` is a list; write [data]"), "{data}");
    }

    #[test]
    fn rules_that_span_fields_are_told_where_they_are_broken() {
        let with = |more: &str| told(&format!("{LEAST}{more}"));
        let first = "[study]\nname = \"x\"\n";
        assert!(told(first).contains("at least one subject"));
        assert!(
            told(&format!("{first}[[subjects]]\nmodel = \"a/b\"\n")).contains("at least one judge")
        );
        let same = with("[[subjects]]\nmodel = \"scripted/random\"\n");
        assert!(
            same.starts_with("s.toml:8: `subjects[2].model`: subject 1 (line 3) is called"),
            "{same}"
        );
        let alike = with("[[subjects]]\nname = \"other\"\nmodel = \"scripted/random\"\n");
        assert!(alike.contains("`subjects[2]`: is asked the very same as subject 1"), "{alike}");
        let twice = with("[[judges]]\nmodel = \"offline\"\n");
        assert!(twice.contains("`judges[2].model`: judge 1 is `offline`, too"), "{twice}");
        let itself = with("[[judges]]\nmodel = \"scripted/random\"\n");
        assert!(
            itself.contains("it would judge itself") && itself.contains("allow_self_judge"),
            "{itself}"
        );
        let idle = with("rpm = 5\n");
        assert!(idle.contains("`judges[1].rpm`: has no effect"), "{idle}");
        let two = with("[[subjects]]\nmodel = \"a/b\"\nsystem = \"a\"\nsystem_text = \"b\"\n");
        assert!(two.contains("`subjects[2].system_text`: stands beside"), "{two}");
        let key = with("[[subjects]]\nmodel = \"a/b\"\nkey_env = \"0123canary\"\n");
        assert!(
            key.contains("`subjects[2].key_env`: is no name") && !key.contains("canary"),
            "{key}"
        );
    }
}
