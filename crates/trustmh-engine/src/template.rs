//! Prompt templates (minijinja); an undefined variable is an error, never an empty text.

use minijinja::{Environment, UndefinedBehavior, Value};
use std::collections::BTreeSet;

use crate::block::{CONTEXT, marked};
use crate::error::EngineError;
use crate::fit::near;

/// All templates by name without ending.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Default for Templates {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        Self { environment }
    }
}

impl Templates {
    pub(crate) fn add(&mut self, file: &str, text: &str) -> Result<(), EngineError> {
        let name = file.strip_suffix(".md").unwrap_or(file);
        let text = if name.starts_with(CONTEXT) { marked(text) } else { text.to_owned() };
        self.environment
            .add_template_owned(name.to_owned(), text)
            .map_err(|error| fault(name, &error))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.environment.get_template(name).is_ok()
    }

    /// The name of all templates that is most like `name`, if any is like it.
    pub(crate) fn near(&self, name: &str) -> Option<&str> {
        near(name, self.environment.templates().map(|(known, _)| known))
    }

    pub(crate) fn render(&self, name: &str, variables: &Value) -> Result<String, EngineError> {
        let template = self.environment.get_template(name).map_err(|error| fault(name, &error))?;
        template.render(variables.clone()).map_err(|error| fault(name, &error))
    }

    /// The names of a template: those of its file in every language.
    pub(crate) fn in_languages<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        let all = self.environment.templates().map(|(known, _)| known);
        all.filter(move |known| {
            let rest = known.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || is_language(rest))
        })
    }

    /// The variables that a template takes from whoever fills it in.
    pub(crate) fn variables(&self, name: &str) -> BTreeSet<String> {
        let Ok(template) = self.environment.get_template(name) else { return BTreeSet::new() };
        let mut variables: BTreeSet<String> =
            template.undeclared_variables(false).into_iter().collect();
        for (global, _) in self.environment.globals() {
            variables.remove(global);
        }
        variables
    }
}

/// `-zh`, `-pt-br`: what stands between a template's name and its ending.
pub(crate) fn is_language(rest: &str) -> bool {
    let tag = rest.strip_prefix('-');
    let primary = tag.map(|tag| tag.split('-').next().unwrap_or(tag));
    primary.is_some_and(|primary| (2..=3).contains(&primary.len()))
}

fn fault(name: &str, error: &minijinja::Error) -> EngineError {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    EngineError::Template { template: name.to_owned(), message: format!("{error}{line}") }
}
