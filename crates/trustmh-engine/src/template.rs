//! Prompt templates (minijinja); an undefined variable is an error, never an empty text.

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::error::EngineError;

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
        self.environment
            .add_template_owned(name.to_owned(), text.to_owned())
            .map_err(|error| fault(name, &error))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.environment.get_template(name).is_ok()
    }

    pub(crate) fn render(
        &self,
        name: &str,
        context: &impl Serialize,
    ) -> Result<String, EngineError> {
        let template = self.environment.get_template(name).map_err(|error| fault(name, &error))?;
        let value = minijinja::Value::from(minijinja::value::Serde(context));
        template.render(value).map_err(|error| fault(name, &error))
    }
}

fn fault(name: &str, error: &minijinja::Error) -> EngineError {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    EngineError::Template { template: name.to_owned(), message: format!("{error}{line}") }
}
