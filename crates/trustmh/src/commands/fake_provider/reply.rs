//! What the fake provider answers with.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;

use trustmh_core::call::{Finish, Usage};
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::api::ModelApi;
use trustmh_model::scripted::Scripted;

use super::dialect::{Dialect, Sent};
use super::{FaultChoice, ThoughtsChoice};

/// The scripted reply to a chat request.
pub(super) async fn scripted(
    script: &Scripted,
    thoughts: ThoughtsChoice,
    dialect: Dialect,
    body: &[u8],
) -> Response<Body> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(call) = dialect.call_of(&request) else {
        let error = json!({ "error": { "message": "the body is no chat request" } });
        return answer(StatusCode::BAD_REQUEST, &error.to_string());
    };
    match script.complete(&call).await {
        Ok(completion) => {
            let sent = Sent::of(completion.reply, thoughts);
            let streamed = request.get("stream").and_then(Value::as_bool).unwrap_or_default();
            if streamed && dialect == Dialect::OpenAi {
                return events(&pieces(&sent));
            }
            answer(StatusCode::OK, &dialect.whole(&sent).to_string())
        }
        Err(error) => {
            let error = json!({ "error": { "message": error.to_string() } });
            answer(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

/// A toxicity score in the form of the Perspective API.
pub(super) fn toxicity(benchmark: &Benchmark, body: &[u8]) -> Response<Body> {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(text) = value.pointer("/comment/text").and_then(Value::as_str) else {
        let error = json!({ "error": { "message": "the body holds no comment" } });
        return answer(StatusCode::BAD_REQUEST, &error.to_string());
    };
    let score = json!({ "value": benchmark.offline().toxicity(text), "type": "PROBABILITY" });
    let scores = json!({ "attributeScores": { "TOXICITY": { "summaryScore": score } } });
    answer(StatusCode::OK, &scores.to_string())
}

/// A faulty answer.
pub(super) fn fault(fault: FaultChoice, dialect: Dialect) -> Response<Body> {
    let plain = |text: &str, finish, tokens| {
        dialect.whole(&Sent::plain(text, finish, 1, tokens)).to_string()
    };
    let error = |message: &str| json!({ "error": { "message": message } }).to_string();
    match fault {
        FaultChoice::Unauthorized => {
            answer(StatusCode::UNAUTHORIZED, &error("the key is not accepted"))
        }
        FaultChoice::Flagged => {
            let moderated = json!({ "code": 403, "message": "the input was flagged", "metadata": { "reasons": ["any"] } });
            answer(StatusCode::FORBIDDEN, &json!({ "error": moderated }).to_string())
        }
        FaultChoice::NoCredit => {
            let empty = json!({ "type": "insufficient_quota", "message": "the account is empty" });
            answer(StatusCode::TOO_MANY_REQUESTS, &json!({ "error": empty }).to_string())
        }
        FaultChoice::BadRequest => answer(StatusCode::BAD_REQUEST, &error("this is not taken")),
        FaultChoice::RateLimit => {
            let mut response = answer(StatusCode::TOO_MANY_REQUESTS, &error("slow down"));
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("0"));
            response
        }
        FaultChoice::RateLimitSilent => answer(StatusCode::TOO_MANY_REQUESTS, &error("slow down")),
        FaultChoice::Unavailable => answer(StatusCode::SERVICE_UNAVAILABLE, &error("overloaded")),
        FaultChoice::ServerError => {
            answer(StatusCode::INTERNAL_SERVER_ERROR, &error("a fault of the server"))
        }
        FaultChoice::WrongJson => answer(StatusCode::OK, "{\"answer\": 42}"),
        FaultChoice::CutJson => {
            answer(StatusCode::OK, "{\"choices\": [{\"message\": {\"content\": \"Th")
        }
        FaultChoice::EmptyBody => answer(StatusCode::OK, ""),
        FaultChoice::EmptyReply => answer(StatusCode::OK, &plain("", Finish::Stop, 0)),
        FaultChoice::ContentFilter => answer(StatusCode::OK, &plain("", Finish::ContentFilter, 0)),
        FaultChoice::WrongType => {
            let mut response = answer(StatusCode::OK, "<html>Sign in first.</html>");
            let html = header::HeaderValue::from_static("text/html");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
        FaultChoice::BrokenOff => {
            let whole = plain("Half of this", Finish::Stop, 1);
            let half = whole.get(..whole.len() / 2).unwrap_or_default().to_owned();
            let broken = std::io::Error::other("the connection breaks here");
            streamed(stream::iter([Ok(half), Err(broken)]))
        }
        FaultChoice::Reset => {
            let broken = std::io::Error::other("the connection breaks here");
            streamed(stream::iter([Err(broken)]))
        }
        FaultChoice::Twice => {
            answer(StatusCode::OK, &plain("Said twice", Finish::Stop, 1).repeat(2))
        }
        FaultChoice::CutStream => {
            let whole = pieces(&Sent::plain("Half of this is lost", Finish::Stop, 1, 1));
            events(whole.get(..whole.len() / 2).unwrap_or_default())
        }
        FaultChoice::HugeBody => answer(StatusCode::OK, &" ".repeat(9 * 1024 * 1024)),
        FaultChoice::SlowDrip => {
            let body = plain("Drip by drip", Finish::Stop, 1);
            let drips: Vec<String> = body.chars().map(String::from).collect();
            streamed(stream::iter(drips).then(|drip| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok::<String, std::io::Error>(drip)
            }))
        }
    }
}

/// The reply as server-sent events of the OpenAI protocol, a word each.
fn pieces(sent: &Sent) -> String {
    let piece = |delta: Value, finish: Value| json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
    let words = |text: &str, field: &str| -> Vec<Value> {
        text.split_inclusive(' ').map(|word| piece(json!({ field: word }), Value::Null)).collect()
    };
    let mut events = words(sent.thought.as_deref().unwrap_or_default(), "reasoning_content");
    events.extend(words(&sent.text, "content"));
    let finish = if sent.finish == Finish::Length { "length" } else { "stop" };
    events.push(piece(json!({}), json!(finish)));
    let Usage { prompt_tokens, reply_tokens } = sent.usage;
    let usage = json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": reply_tokens,
        "total_tokens": prompt_tokens + reply_tokens,
    });
    events.push(json!({ "choices": [], "usage": usage }));
    let lines: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    lines + "data: [DONE]\n\n"
}

fn events(body: &str) -> Response<Body> {
    let mut response = answer(StatusCode::OK, body);
    let kind = header::HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A body in pieces, each of them a string or the end of the connection.
fn streamed(
    pieces: impl Stream<Item = Result<String, std::io::Error>> + Send + 'static,
) -> Response<Body> {
    let mut response = answer(StatusCode::OK, "");
    *response.body_mut() = Body::from_stream(pieces);
    response
}

fn answer(status: StatusCode, body: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
