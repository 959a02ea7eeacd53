use super::*;
use proptest::prelude::*;
use trustmh_core::call::{Finish, Purpose, Reply, Sampling, Usage};
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;
use trustmh_core::request::RequestOptions;
use trustmh_model::error::RemoteFault;

use crate::wire::{CoordinatorReply, Permit, Request, ResultMessage, RunOffer};

fn a_job() -> Job {
    Job {
        model: ModelId::new("openai/small"),
        purpose: Purpose::Subject { turn: 0 },
        messages: vec![Message::user("Which letter?\n\"A\"")],
        sampling: Sampling { temperature: 0.0, max_tokens: 8, seed: None, thinking_tokens: None },
        repeat: 0,
        trial: None,
        options: RequestOptions::default(),
        tries: 5,
    }
}

fn key() -> CallKey {
    CallKey::of(&a_job().model, &a_job().call())
}

fn replied(request: Option<&str>, response: Option<&str>) -> Outcome {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
    let reply = Reply::new("A".to_owned(), Finish::Stop, None);
    let (request, response) = (request.map(raw), response.map(raw));
    let end = OutcomeEnd::Replied { reply, request, response };
    Outcome { key: key(), permit: Permit::new(), tries: 1, millis: 1, learnt: Vec::new(), end }
}

fn checked_response(response: &str) -> Result<String, String> {
    let checked = outcome(replied(None, Some(response)), &key(), &a_job())?;
    match checked.end {
        OutcomeEnd::Replied { response, .. } => {
            Ok(response.map(|body| body.get().to_owned()).unwrap_or_default())
        }
        OutcomeEnd::Failed { .. } => Err("failed".to_owned()),
    }
}

#[test]
fn bodies_become_one_line_and_stay_the_same_json() {
    for (sent, kept) in [
        ("{\"a\":\n1}", "{\"a\": 1}"),
        ("{\r\n\"a\":\r\"x\\ny\"\n}", "{  \"a\": \"x\\ny\" }"),
        ("[1]", "[1]"),
    ] {
        assert_eq!(checked_response(sent).as_deref(), Ok(kept));
    }
}

#[test]
fn bodies_that_are_too_long_or_too_deep_are_refused() {
    let long = format!("\"{}\"", "x".repeat(RESPONSE));
    assert!(checked_response(&long).is_err_and(|why| why.contains("longer than")));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(checked_response(&nested(DEPTH)).is_ok());
    assert!(checked_response(&nested(DEPTH + 1)).is_err_and(|why| why.contains("deeper")));
    // Brackets in strings nest nothing.
    let text = format!("\"\\\"{}\"", "[".repeat(1_000));
    assert!(checked_response(&text).is_ok());
}

#[test]
fn a_request_asks_the_model_of_the_call_what_the_call_says() {
    let content = serde_json::to_string(&a_job().messages[0].content).expect("text");
    let request = |model: &str, content: &str| {
        format!("{{\"model\":{model},\"messages\":[{{\"role\":\"user\",\"content\":{content}}}]}}")
    };
    let refused = |text: &str| outcome(replied(Some(text), None), &key(), &a_job()).err();
    assert_eq!(refused(&request("\"small\"", &content)), None);
    assert_eq!(refused(&request("\"openai/small\"", &content)), None);
    // Dialects that name the model elsewhere say nothing here.
    assert_eq!(refused(&request("null", &content)), None);
    for (model, content, why) in [
        ("\"expensive\"", content.as_str(), "asks the model expensive"),
        ("\"mall\"", &content, "asks the model mall"),
        ("\"small\"", "\"ATTACKER PROMPT\"", "does not ask what call"),
    ] {
        let said = refused(&request(model, content)).unwrap_or_default();
        assert!(said.contains(why), "{said}");
    }
    assert!(refused("\"small\"").is_some());
}

#[test]
fn a_job_that_is_not_what_its_key_says_is_turned_down() {
    assert_eq!(job(&key(), &a_job()), Ok(()));
    let other_words = Job { messages: vec![Message::user("ATTACKER PROMPT")], ..a_job() };
    let other_model = Job { model: ModelId::new("openai/expensive"), ..a_job() };
    let warmer = Sampling { temperature: 1.0, ..a_job().sampling };
    for forged in [other_words, other_model, Job { sampling: warmer, ..a_job() }] {
        assert!(job(&key(), &forged).is_err_and(|why| why.contains("does not ask what its key")));
    }
}

#[test]
fn names_and_texts_do_nothing_on_a_terminal() {
    let hostile = "evil\u{1b}]52;c;eHg=\u{7}\u{1b}[31m\u{202e}\nline";
    for shown in [name(hostile), said(hostile, 2_000)] {
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\n']), "{shown:?}");
    }
    assert_eq!(name(&"x".repeat(5_000)).chars().count(), NAME + 1);
    let failed = OutcomeEnd::Failed { fault: RemoteFault::Transient, message: hostile.to_owned() };
    let failed = Outcome { end: failed, ..replied(None, None) };
    let checked = outcome(failed, &key(), &a_job()).expect("it is usable");
    let OutcomeEnd::Failed { message, .. } = checked.end else { panic!("it failed") };
    assert!(!message.contains('\u{1b}'));
}

#[test]
fn absurd_counts_are_refused() {
    let mut absurd = replied(None, None);
    if let OutcomeEnd::Replied { reply, .. } = &mut absurd.end {
        reply.usage = Some(Usage { prompt_tokens: u64::MAX, reply_tokens: 1 });
    }
    assert!(outcome(absurd, &key(), &a_job()).is_err());
}

/// What worker and coordinator say to each other, for mutation.
fn messages() -> Vec<Vec<u8>> {
    let permit = serde_json::to_string(&Permit::new()).unwrap_or_default();
    let job = serde_json::to_string(&a_job()).unwrap_or_default();
    let key = key();
    let result = serde_json::to_string(&replied(Some("{\"model\":\"small\"}"), Some("[1,{}]")));
    let result = result.unwrap_or_default();
    [
        "{\"v\":4,\"run\":\"r\",\"models\":[\"openai/small\"]}".to_owned(),
        "{\"v\":4,\"worker\":\"w\",\"session\":\"s\",\"served\":[],\"wants\":{\"calls\":{\"ask\":1,\"lost\":[7],\"room\":[{\"model\":\"m\",\"calls\":3}],\"patience_millis\":5}}}".to_owned(),
        format!("{{\"v\":4,\"worker\":\"w\",\"session\":\"s\",\"served\":[],\"wants\":{{\"time\":{{\"keys\":[\"{key}\"]}}}}}}"),
        format!("{{\"calls\":{{\"lease_millis\":1,\"permit\":{permit},\"calls\":[{{\"key\":\"{key}\",\"time\":1,\"content\":{{\"job\":{job}}}}}]}}}}"),
        format!("{{\"v\":4,\"worker\":\"w\",\"results\":{{\"whole\":[{result}]}}}}"),
        "{\"v\":4,\"worker\":\"w\",\"results\":{\"chunk\":{\"payload\":\"p\",\"part\":0,\"parts\":2,\"text\":\"x\"}}}".to_owned(),
        result,
        job,
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// Reads bytes as every kind of message, and uses what can be read. Nothing may panic, and nothing grow out of proportion.
fn read_all(bytes: &[u8]) {
    let _ = serde_json::from_slice::<RunOffer>(bytes);
    let _ = serde_json::from_slice::<Request>(bytes);
    let _ = serde_json::from_slice::<CoordinatorReply>(bytes);
    let _ = serde_json::from_slice::<crate::worker::Shown>(bytes);
    if let Ok(forged) = serde_json::from_slice::<Job>(bytes) {
        let _ = job(&key(), &forged);
    }
    let mut outcomes: Vec<Outcome> = serde_json::from_slice(bytes).into_iter().collect();
    if let Ok(brought) = serde_json::from_slice::<ResultMessage>(bytes) {
        assert!(name(&brought.worker).chars().count() <= 10 * (NAME + 1));
        if let crate::wire::Results::Whole(whole) = brought.results {
            outcomes.extend(whole.iter().filter_map(|one| serde_json::from_str(one.get()).ok()));
        }
    }
    for read in outcomes {
        if let Ok(checked) = outcome(read, &key(), &a_job()) {
            let line = serde_json::to_string(&checked).unwrap_or_default();
            assert!(!line.contains('\n') && line.len() < 20 * bytes.len() + 1_000, "{line}");
        }
    }
}

#[test]
fn messages_are_read_before_they_are_changed() {
    let read = messages();
    assert!(serde_json::from_slice::<RunOffer>(&read[0]).is_ok());
    assert!(read[1..3].iter().all(|text| serde_json::from_slice::<Request>(text).is_ok()));
    assert!(serde_json::from_slice::<CoordinatorReply>(&read[3]).is_ok());
    assert!(read[4..6].iter().all(|text| serde_json::from_slice::<ResultMessage>(text).is_ok()));
    assert!(serde_json::from_slice::<Outcome>(&read[6]).is_ok());
    assert!(serde_json::from_slice::<Job>(&read[7]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn messages_with_bytes_changed_put_in_and_left_out_are_read_or_refused(
        which in 0_usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, any::<u8>()), 1..6),
    ) {
        let mut bytes = messages().swap_remove(which);
        for (at, kind, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        read_all(&bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }
}
