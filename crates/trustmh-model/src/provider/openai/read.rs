//! Replies of the protocol, whole or streamed.

use serde_json::Value;
use std::collections::BTreeMap;

use crate::error::Flaw;
use crate::reading::Body;
use crate::reading::count::{count, usage};
use crate::reading::reply::{Form, Gathered, Outcome};

/// Puts a reply together. Of several choices the first one counts: the one with the lowest index.
pub(super) fn read(body: &Body) -> Result<Outcome, Flaw> {
    let mut choices: BTreeMap<u64, Gathered> = BTreeMap::new();
    let mut rest = Gathered::default();
    for piece in body.pieces.iter().map(unwrapped) {
        rest.fail(piece.get("error"));
        in_band_status(piece, &mut rest);
        rest.usage = counted(piece.get("usage")).or(rest.usage);
        let listed = [piece.get("choices"), piece.pointer("/output/choices")];
        if let Some(Value::Array(listed)) =
            listed.into_iter().flatten().find(|listed| listed.is_array())
        {
            for (place, choice) in
                listed.iter().enumerate().filter(|(_, choice)| choice.is_object())
            {
                let index = count(choice.get("index")).unwrap_or(place as u64);
                take(choice, choices.entry(index).or_default());
            }
        } else {
            unlisted(piece, &mut choices);
        }
    }
    let mut gathered =
        choices.into_iter().next().map_or_else(Gathered::default, |(_, choice)| choice);
    gathered.error = rest.error.or(gathered.error);
    gathered.usage = rest.usage;
    gathered.concluded(body)
}

/// What a gateway puts into an envelope of its own.
fn unwrapped(piece: &Value) -> &Value {
    let inner = ["data", "result", "response", "body"].iter().filter_map(|name| piece.get(*name));
    let mut inner = inner.filter(|inner| inner.get("choices").is_some_and(Value::is_array));
    if piece.get("choices").is_none() { inner.next().unwrap_or(piece) } else { piece }
}

fn take(choice: &Value, into: &mut Gathered) {
    into.form = Form::Reply;
    if let Some(message) = choice.get("message").filter(|message| message.is_object()) {
        // A whole message stands for all that came before it; one that says nothing takes nothing back.
        let mut whole = Gathered::default();
        message_of(message, &mut whole);
        if !whole.text.is_empty() || !whole.refusal.is_empty() {
            (into.text, into.thought) = (String::new(), String::new());
        }
        message_of(message, into);
    } else if let Some(delta) = choice.get("delta") {
        message_of(delta, into);
    } else {
        into.say(choice.get("text"));
    }
    into.end(choice.get("finish_reason").or_else(|| choice.get("stop_reason")));
    // A router says `stop` of replies that the service behind it kept to itself.
    if into.is_silent() && Gathered::withholds(choice.get("native_finish_reason")) {
        into.end(choice.get("native_finish_reason"));
    }
    into.fail(choice.get("error"));
}

fn message_of(message: &Value, into: &mut Gathered) {
    const THOUGHTS: [&str; 6] = [
        "reasoning_content",
        "reasoning",
        "reasoning_text",
        "thinking",
        "reasoning_details",
        "thinking_blocks",
    ];
    into.say(message.get("content"));
    if let Some(Value::String(refusal)) = message.get("refusal") {
        into.refusal.push_str(refusal);
    }
    // Servers give the same thought under several names.
    let mut thoughts = THOUGHTS.iter().filter_map(|field| message.get(*field));
    into.think(thoughts.find(|thought| !thought.is_null() && thought.as_str() != Some("")));
}

/// Replies that stand in no list of choices: of the responses protocol, or of services that only take requests of this one.
fn unlisted(piece: &Value, choices: &mut BTreeMap<u64, Gathered>) {
    if let Some(Value::Array(output)) = piece.get("output") {
        let into = choices.entry(0).or_default();
        into.form = Form::Reply;
        for item in output {
            match item.get("type").and_then(Value::as_str) {
                Some("message") => into.say(item.get("content")),
                Some("reasoning") => into.think(item.get("summary")),
                _ => {}
            }
        }
        into.end(piece.pointer("/incomplete_details/reason").or_else(|| piece.get("status")));
    } else if let Some(message) = piece.get("message").filter(|message| message.is_object()) {
        let into = choices.entry(0).or_default();
        into.form = Form::Reply;
        message_of(message, into);
        into.end(piece.get("done_reason").or_else(|| piece.get("finish_reason")));
    } else if let Some(parts) = piece.get("content").filter(|parts| parts.is_array()) {
        // A service of Anthropic's messages.
        let into = choices.entry(0).or_default();
        into.form = Form::Reply;
        into.say(Some(parts));
        into.end(piece.get("stop_reason"));
    } else {
        bare(piece, choices);
    }
}

/// A text that stands alone, under whatever name.
fn bare(piece: &Value, choices: &mut BTreeMap<u64, Gathered>) {
    const TEXTS: [&str; 5] =
        ["/output/text", "/generated_text", "/result/response", "/result", "/response"];
    const ENDS: [&str; 4] =
        ["/output/finish_reason", "/details/finish_reason", "/finish_reason", "/done_reason"];
    let mut texts = TEXTS.iter().filter_map(|place| piece.pointer(place));
    if let Some(text) = texts.find(|text| text.is_string()) {
        let into = choices.entry(0).or_default();
        into.form = Form::Reply;
        into.say(Some(text));
        into.end(ENDS.iter().find_map(|place| piece.pointer(place)));
    }
}

/// Services that report what went wrong in a field of their own: MiniMax, and those that give a code and a message and no choice.
fn in_band_status(piece: &Value, into: &mut Gathered) {
    let status = piece.get("base_resp");
    let code = status.and_then(|status| count(status.get("status_code")));
    if code.is_some_and(|code| code != 0) {
        into.fail(status);
    }
    let flagged = ["input_sensitive", "output_sensitive"];
    if flagged.iter().any(|field| piece.get(*field) == Some(&Value::Bool(true))) {
        into.error = Some(serde_json::json!({ "code": "1026", "message": "new_sensitive" }));
    }
    if piece.get("choices").is_none_or(Value::is_null)
        && piece.get("output").is_none_or(Value::is_null)
    {
        let says = |field: &str| {
            piece.get(field).is_some_and(|value| value.is_string() || value.is_number())
        };
        let whole = ["code", "error_code", "errorCode"].into_iter().any(says)
            && ["message", "msg", "error_msg", "errorMessage"].into_iter().any(says);
        let several = piece.get("errors").and_then(Value::as_array);
        let failed = piece.get("success") == Some(&Value::Bool(false))
            && several.is_some_and(|several| !several.is_empty());
        let is_error =
            piece.get("object").and_then(Value::as_str) == Some("error") || whole || failed;
        into.fail(piece.pointer("/Response/Error"));
        if into.error.is_none() && is_error {
            into.fail(Some(piece));
        }
    }
}

/// Tokens. Some services leave the thoughts out of the tokens of the reply, or one side altogether; the total has them.
fn counted(tokens: Option<&Value>) -> Option<trustmh_core::call::Usage> {
    let tokens = tokens?;
    let of = |names: [&str; 2]| names.into_iter().find_map(|name| count(tokens.get(name)));
    let prompt = of(["prompt_tokens", "input_tokens"]);
    let reply = of(["completion_tokens", "output_tokens"]);
    let total = count(tokens.get("total_tokens"));
    let beyond = |one: Option<u64>| one.zip(total).map(|(one, total)| total.saturating_sub(one));
    usage(prompt.or(beyond(reply)), reply.max(beyond(prompt)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::call::{Fidelity, Finish, Reply, Unanswered, Usage};

    fn outcome(body: &str) -> Result<Outcome, Flaw> {
        read(&Body::read(body.as_bytes(), Some("application/json"))?)
    }

    fn reply(body: &str) -> Reply {
        match outcome(body) {
            Ok(Outcome::Reply(reply)) => reply,
            other => panic!("{other:?} of {body}"),
        }
    }

    fn said(message: &str, finish: &str) -> Reply {
        reply(&format!(r#"{{"choices":[{{"message":{message},"finish_reason":{finish}}}]}}"#))
    }

    #[test]
    fn finish_reasons_are_mapped() {
        let finish = |reason| said(r#"{"content":"x"}"#, reason).finish;
        assert_eq!(finish(r#""stop""#), Finish::Stop);
        assert_eq!(finish(r#""length""#), Finish::Length);
        assert_eq!(finish(r#""content_filter""#), Finish::ContentFilter);
        assert_eq!(finish(r#""tool_calls""#), Finish::Other("tool_calls".to_owned()));
        assert_eq!(finish("null"), Finish::Other("no reason given".to_owned()));
        assert_eq!(finish("1"), Finish::Other("1".to_owned()));
    }

    #[test]
    fn a_reply_that_says_nothing_is_a_reply() {
        for message in [
            r#"{"content":null}"#,
            r#"{"content":""}"#,
            r#"{"content":" \n"}"#,
            r#"{"content":[]}"#,
            "{}",
            "null",
            r#"{"content":null,"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}"#,
        ] {
            assert_eq!(
                said(message, r#""stop""#).unanswered(),
                Some(Unanswered::Empty),
                "{message}"
            );
            assert_eq!(
                said(message, r#""length""#).unanswered(),
                Some(Unanswered::Cut),
                "{message}"
            );
        }
        let thought = said(r#"{"content":null,"reasoning_content":"So B."}"#, r#""stop""#);
        assert_eq!(
            (thought.unanswered(), thought.thought.unwrap().text.as_str()),
            (Some(Unanswered::Empty), "So B.")
        );
    }

    #[test]
    fn a_refusal_is_the_text() {
        assert_eq!(said(r#"{"content":null,"refusal":"I won't."}"#, r#""stop""#).text, "I won't.");
        assert_eq!(said(r#"{"content":"Gladly.","refusal":null}"#, r#""stop""#).text, "Gladly.");
    }

    #[test]
    fn thoughts_stand_apart_whatever_the_field() {
        for message in [
            r#"{"content":"B","reasoning_content":"Hm."}"#,
            r#"{"content":"B","reasoning":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm."}]}"#,
            r#"{"content":"B","reasoning_details":[{"type":"reasoning.summary","summary":"Hm."}]}"#,
            r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"B"}]}"#,
            r#"{"content":"<think>Hm.</think>B"}"#,
        ] {
            let reply = said(message, r#""stop""#);
            assert_eq!(
                (reply.text.as_str(), reply.thought.unwrap().text.as_str()),
                ("B", "Hm."),
                "{message}"
            );
        }
    }

    #[test]
    fn of_several_choices_the_first_counts_wherever_it_stands() {
        let body = r#"{"choices":[{"index":1,"message":{"content":"two"},"finish_reason":"stop"},{"index":0,"message":{"content":"one"},"finish_reason":"stop"}]}"#;
        assert_eq!(reply(body).text, "one");
        let stream = "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"two\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":\"stop\"}]}\n\n";
        assert_eq!(reply(stream).text, "one");
    }

    #[test]
    fn a_router_passes_on_that_a_reply_was_withheld() {
        let routed = |text: &str, native: &str| {
            reply(&format!(
                r#"{{"choices":[{{"message":{{"content":"{text}"}},"finish_reason":"stop","native_finish_reason":"{native}"}}]}}"#
            ))
        };
        assert_eq!(routed("", "SAFETY").finish, Finish::ContentFilter);
        assert_eq!(routed("Said.", "SAFETY").text, "Said.");
        assert_eq!(routed("", "MAX_TOKENS").finish, Finish::Stop);
    }

    #[test]
    fn an_envelope_is_opened_and_a_last_message_of_nothing_takes_nothing_back() {
        let whole = r#"{"choices":[{"message":{"content":"B"},"finish_reason":"stop"}]}"#;
        assert_eq!(reply(&format!(r#"{{"code":0,"data":{whole}}}"#)).text, "B");
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"B\"}}]}\n\ndata: {\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n";
        assert_eq!(reply(stream).text, "B");
        let again = stream.replace(r#"{"content":""}"#, r#"{"content":"B."}"#);
        assert_eq!(reply(&again).text, "B.");
    }

    #[test]
    fn tokens_of_thoughts_count_as_tokens_of_the_reply() {
        let counted = |usage: &str| {
            reply(&format!(r#"{{"choices":[{{"message":{{"content":"x"}},"finish_reason":"stop"}}],"usage":{usage}}}"#)).usage
        };
        let both = |prompt_tokens, reply_tokens| Some(Usage { prompt_tokens, reply_tokens });
        // The reply's tokens hold the thought's.
        let within = r#"{"prompt_tokens":10,"completion_tokens":300,"total_tokens":310,"completion_tokens_details":{"reasoning_tokens":280}}"#;
        assert_eq!(counted(within), both(10, 300));
        // They do not, and only the total does.
        let beside = r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":310,"completion_tokens_details":{"reasoning_tokens":280}}"#;
        assert_eq!(counted(beside), both(10, 300));
        assert_eq!(counted(r#"{"prompt_tokens":10.0,"completion_tokens":"7"}"#), both(10, 7));
        // A side that is not counted is in the total.
        assert_eq!(counted(r#"{"prompt_tokens":10,"total_tokens":17}"#), both(10, 7));
        assert_eq!(counted(r#"{"completion_tokens":7,"total_tokens":17}"#), both(10, 7));
        assert_eq!(counted(r#"{"total_tokens":17}"#), None);
        assert_eq!(counted(r#"{"prompt_tokens":-1,"completion_tokens":7}"#), both(0, 7));
        assert_eq!(counted("null"), None);
        assert_eq!(counted("[]"), None);
    }

    #[test]
    fn fields_that_nobody_reads_cost_no_reply() {
        for body in [
            "\u{feff}{\"choices\":[{\"message\":{\"content\":\"B\"},\"finish_reason\":\"stop\"}]}",
            r#"{"choices":[{"message":{"content":"B"},"logprobs":NaN,"finish_reason":0}],"usage":"none","error":null}"#,
            r#"{"choices":[{"delta":{"content":"B"}}]}"#,
            r#"{"choices":[{"text":"B","finish_reason":"eos"}]}"#,
            r#"[{"choices":[{"message":{"content":"B"}}]}]"#,
            r#"{"type":"message","content":[{"type":"thinking","thinking":"A"},{"type":"text","text":"B"}],"stop_reason":"end_turn"}"#,
            r#"[{"generated_text":"B"}]"#,
            r#"{"result":{"response":"B"},"success":true,"errors":[]}"#,
            r#"{"result":"B","is_truncated":false}"#,
            ": still at work\n\n: still at work\n\n{\"choices\":[{\"message\":{\"content\":\"B\"}}]}",
            r#"{"output":{"choices":[{"message":{"content":[{"text":"B"}]},"finish_reason":"stop"}]}}"#,
            r#"{"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"B"}]}],"status":"completed"}"#,
        ] {
            assert_eq!(reply(body).text, "B", "{body}");
        }
        let mended = said(r#"{"content":"B \ud83d"}"#, r#""stop""#);
        assert_eq!((mended.text.as_str(), mended.fidelity), ("B \u{fffd}", Fidelity::Mended));
        assert_eq!(said(r#"{"content":"B"}"#, r#""stop""#).fidelity, Fidelity::AsSent);
    }

    #[test]
    fn flaws_and_errors_are_told_apart_from_replies() {
        assert_eq!(outcome(r#"{"choices":[{"mess"#).unwrap_err(), Flaw::CutOff);
        assert_eq!(outcome("").unwrap_err(), Flaw::CutOff);
        assert_eq!(outcome(r#"{"choices":[]}"#).unwrap_err(), Flaw::NoChoice);
        assert_eq!(outcome("{}").unwrap_err(), Flaw::NoChoice);
        assert_eq!(outcome("[3]").unwrap_err(), Flaw::NoChoice);
        for body in [
            r#"{"error":{"message":"overloaded"}}"#,
            r#"{"error":"busy","choices":[]}"#,
            r#"{"code":"Busy","message":"come back"}"#,
            r#"{"success":false,"errors":[{"code":7,"message":"no"}],"result":null}"#,
            r#"{"Response":{"Error":{"Code":"Busy","Message":"no"}}}"#,
            r#"{"choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
            r#"{"choices":[{"message":{"content":""},"finish_reason":"error","error":{"code":502}}]}"#,
        ] {
            assert!(matches!(outcome(body), Ok(Outcome::Error(_))), "{body}");
        }
    }

    const STREAM: &str = concat!(
        ": a comment\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Take \"},\"finish_reason\":\"\"}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"text\":\"your time.\"}]}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\n",
    );

    #[test]
    fn pieces_make_a_reply_and_a_stream_that_breaks_off_makes_none() {
        let whole = reply(STREAM);
        assert_eq!((whole.text.as_str(), whole.finish), ("Take your time.", Finish::Stop));
        assert_eq!(whole.usage, Some(Usage { prompt_tokens: 5, reply_tokens: 4 }));
        let cut = STREAM.find("data: {\"choices\":[{\"delta\":{},").unwrap();
        assert_eq!(outcome(&STREAM[..cut]).unwrap_err(), Flaw::CutOff);
        assert_eq!(outcome(&STREAM[..cut + 30]).unwrap_err(), Flaw::CutOff);
        let unreasoned = format!("{}data: [DONE]\n\n", &STREAM[..cut]);
        assert_eq!(reply(&unreasoned).text, "Take your time.");
        let broken =
            format!("{}data: {{\"error\":{{\"message\":\"overloaded\"}}}}\n\n", &STREAM[..cut]);
        assert!(matches!(outcome(&broken), Ok(Outcome::Error(_))));
    }

    proptest! {
        #[test]
        fn any_scrap_of_json_is_taken(body in "([{]\"choices\":|\\[[{]|\"message\":|[{]\"content\":|null|\"x\"|[}]|\\]|,|\"finish_reason\":\"stop\"|\"usage\":[{]\"prompt_tokens\":-1[}]|1e999){0,14}") {
            let _ = outcome(&body);
        }

        #[test]
        fn every_cut_of_a_good_body_is_a_flaw(cut in 0_usize..62) {
            let body = r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"#;
            prop_assert!(outcome(&body[..cut]).is_err());
        }
    }
}
