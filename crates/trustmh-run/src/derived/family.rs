//! Families of models: a judge leans towards its own kind (Panickssery et al. 2024, arXiv 2404.13076).

use trustmh_core::id::ModelId;

/// Words in names, and the family they tell of; the first that fits counts, so tuned models come before their bases.
const FAMILIES: [(&str, &str); 20] = [
    ("claude", "Claude"),
    ("gemini", "Gemini and Gemma"),
    ("gemma", "Gemini and Gemma"),
    ("gpt", "GPT"),
    ("chatgpt", "GPT"),
    ("o1", "GPT"),
    ("o3", "GPT"),
    ("o4", "GPT"),
    ("deepseek", "DeepSeek"),
    ("psycollm", "Qwen"),
    ("soulchat", "Qwen"),
    ("qwen", "Qwen"),
    ("qwq", "Qwen"),
    ("mentallama", "Llama"),
    ("mentalllama", "Llama"),
    ("meditron", "Llama"),
    ("llama", "Llama"),
    ("mixtral", "Mistral"),
    ("mistral", "Mistral"),
    ("smollm", "SmolLM"),
];

/// The family a model's name tells of, if any.
pub fn family(model: &ModelId) -> Option<&'static str> {
    let name = model.as_str().to_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let tells = |sign: &str| {
        // Short signs such as o1 must be a word of their own.
        if sign.len() < 3 { words.contains(&sign) } else { name.contains(sign) }
    };
    FAMILIES.iter().find(|(sign, _)| tells(sign)).map(|(_, family)| *family)
}

/// What is to be said if the judge is of the subject's family.
pub fn same_family(subject: &ModelId, judge: &ModelId) -> Option<String> {
    let of_both = family(subject).filter(|found| family(judge) == Some(*found))?;
    (subject != judge).then(|| {
        format!("The judge {judge} is of the subject's family ({of_both}): judges lean towards their own kind.")
    })
}

/// What is to be said of the model that plays clients: if it is the subject or the judge, or of the family of one of them.
pub fn same_family_as_client(
    subject: &ModelId,
    judge: Option<&ModelId>,
    client: &ModelId,
) -> Vec<String> {
    let others = std::iter::once(("subject", subject)).chain(judge.map(|judge| ("judge", judge)));
    let said = others.filter_map(|(role, other)| {
        if other == client {
            return Some(format!(
                "The {role} {client} plays the clients, too: it may write what suits itself."
            ));
        }
        let of_both = family(client).filter(|found| family(other) == Some(*found))?;
        Some(format!(
            "The client {client} is of the {role}'s family ({of_both}): models write what suits their own kind."
        ))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_of_families() {
        let of = |name: &str| family(&ModelId::new(name));
        assert_eq!(of("openai/gpt-5.1"), Some("GPT"));
        assert_eq!(of("openai/o3-mini"), Some("GPT"));
        assert_eq!(of("openai/Meditron3-8B"), Some("Llama"));
        assert_eq!(of("openai/deepseek-r1-distill-qwen-7b"), Some("DeepSeek"));
        assert_eq!(of("openai/turbo3"), None);
        assert_eq!(of("scripted/random"), None);
        let warned = |one: &str, two: &str| same_family(&ModelId::new(one), &ModelId::new(two));
        assert!(warned("openai/gpt-5.1", "openai/gpt-4.1").unwrap().contains("(GPT)"));
        assert_eq!(warned("openai/gpt-5.1", "anthropic/claude-sonnet-4-5"), None);
        // The very same model is told of as its own judge elsewhere.
        assert_eq!(warned("openai/gpt-5.1", "openai/gpt-5.1"), None);
        let id = ModelId::new;
        let (gpt, claude) = (id("openai/gpt-5.1"), id("anthropic/claude-sonnet-4-5"));
        let played = |judge: Option<&ModelId>, client: &str| {
            same_family_as_client(&gpt, judge, &ModelId::new(client)).len()
        };
        assert_eq!(played(Some(&claude), "openai/gpt-4.1"), 1);
        assert_eq!(played(Some(&gpt), "openai/gpt-5.1"), 2);
        assert_eq!(played(Some(&claude), "ollama/qwen3"), 0);
        assert_eq!(played(None, "openai/gpt-5.1"), 1);
    }
}
