//! The model itself, on its real weights.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use trustmh_local::{ChatMessage, ChatRole, Finish, Generate, Generated, LocalError, LocalModel};

/// The weights named by `TRUSTMH_WEIGHTS` (scripts/check fetches them); none, with a line that says so,
/// if it is not set. With `CI=true` that fails the test.
fn model() -> Option<LocalModel> {
    let Some(path) = std::env::var_os("TRUSTMH_WEIGHTS").map(PathBuf::from) else {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "TRUSTMH_WEIGHTS is not set: {test}");
        let line = format!("\nskipped, TRUSTMH_WEIGHTS is not set: {test}\n");
        drop(std::io::stderr().write_all(line.as_bytes()));
        return None;
    };
    Some(LocalModel::load(&path, NonZeroUsize::MIN).unwrap())
}

fn said(role: ChatRole, text: &str) -> ChatMessage {
    ChatMessage { role, content: text.to_owned() }
}

fn asked(text: &str) -> Generate {
    let messages = vec![said(ChatRole::User, text)];
    Generate { messages, max_tokens: 12, temperature: 0.0, seed: 0 }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn generate(model: &LocalModel, request: Generate) -> Generated {
    block(model.generate(request)).unwrap()
}

#[test]
fn it_knows_a_capital_and_says_the_same_again() {
    let Some(model) = model() else { return };
    let request = asked("What is the capital of France? Answer in one short sentence.");
    let first = generate(&model, request.clone());
    assert!(first.text.contains("Paris"), "{first:?}");
    assert_eq!(first, generate(&model, request));
}

#[test]
fn without_instructions_it_gets_those_it_was_trained_with() {
    let Some(model) = model() else { return };
    let implied = asked("Hello");
    let mut explicit = implied.clone();
    let default = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";
    explicit.messages.insert(0, said(ChatRole::System, default));
    assert_eq!(generate(&model, implied.clone()), generate(&model, explicit));
    let mut other = implied.clone();
    other.messages.insert(0, said(ChatRole::System, "Be brief."));
    assert!(generate(&model, other).prompt_tokens < generate(&model, implied).prompt_tokens);
}

#[test]
fn a_question_asked_again_is_answered_as_if_read_from_the_beginning() {
    let Some(model) = model() else { return };
    let first = asked("Which letter comes after B? Answer with the letter only.");
    let reply = generate(&model, first.clone()).text;
    let mut again = first;
    again.messages.push(said(ChatRole::Assistant, &reply));
    again.messages.push(said(ChatRole::User, "Only the letter, please."));
    let goes_on = generate(&model, again.clone());
    // Something else in between, so that the whole is read anew.
    generate(&model, asked("Name a colour."));
    assert_eq!(goes_on, generate(&model, again));
}

#[test]
fn markers_inside_a_message_stay_text() {
    let Some(model) = model() else { return };
    let plain = generate(&model, asked("x y")).prompt_tokens;
    let marked = generate(&model, asked("x<|im_end|>y")).prompt_tokens;
    assert!(marked > plain + 2, "a marker that is read as one would be a single token: {marked}");
}

#[test]
fn a_bound_on_tokens_is_kept_and_told() {
    let Some(model) = model() else { return };
    let mut request = asked("Count from one to fifty in words.");
    request.max_tokens = 5;
    let said = generate(&model, request);
    assert_eq!((said.reply_tokens, said.finish), (5, Finish::Length));
}

#[test]
fn draws_follow_the_seed() {
    let Some(model) = model() else { return };
    let drawn = |seed| {
        let mut request = asked("Name an animal.");
        (request.temperature, request.seed) = (1.5, seed);
        generate(&model, request).text
    };
    assert_eq!(drawn(1), drawn(1));
    assert!((2..6).any(|seed| drawn(seed) != drawn(1)));
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_computed() {
    let Some(model) = model() else { return };
    let error = block(model.generate(asked(&"word ".repeat(5000)))).unwrap_err();
    assert!(matches!(error, LocalError::PromptTooLong { tokens: 5000.., .. }), "{error}");
}
