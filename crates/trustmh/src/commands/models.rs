//! `trustmh models`: the models that go by short names.

use serde_json::json;

use crate::arguments::ModelsArguments;
use crate::failure::{Exit, Failure};
use crate::models;
use crate::screen;

pub(super) fn run(arguments: &ModelsArguments) -> Result<Exit, Failure> {
    let presets = models::presets(arguments.models.as_deref())?;
    if arguments.json {
        let object = json!({ "as_of": presets.as_of, "models": presets.models });
        screen::print_json(&format!("{object:#}\n"));
        return Ok(Exit::Ok);
    }
    for (name, preset) in &presets.models {
        screen::print(&format!("{name:<20} {}\n", preset.model));
        let mut more = vec![("chats", preset.chat_format.as_str()), ("name", &preset.exact)];
        more.extend(preset.traits.thinks.map(|thinks| ("thinks", thinks.in_words())));
        more.extend(preset.base_url.as_deref().map(|url| ("at", url)));
        more.extend(preset.key_env.as_deref().map(|variable| ("key", variable)));
        for (what, text) in more {
            screen::print(&format!("{:20} {what}: {text}\n", ""));
        }
    }
    screen::print(&format!("\nLooked up {}; check names with your provider.\n", presets.as_of));
    Ok(Exit::Ok)
}
