//! What the fake provider answers with.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;

use trustmh_bench::benchmark::Benchmark;
use trustmh_core::call::{CallSpec, Finish, Purpose, Sampling};
use trustmh_core::message::{Message, Role};
use trustmh_core::request::RequestOptions;
use trustmh_model::api::ModelApi;
use trustmh_model::openai::Delivery;
use trustmh_model::scripted::Scripted;

use crate::arguments::FaultChoice;

/// The scripted reply to a chat request.
pub(super) async fn scripted(script: &Scripted, body: &[u8]) -> Response<Body> {
    let Some((call, delivery)) = call_of(body) else {
        let error = json!({ "error": { "message": "the body is no chat request" } });
        return answer(StatusCode::BAD_REQUEST, &error.to_string());
    };
    match script.complete(&call).await {
        Ok(completion) => {
            let finish = match completion.reply.finish {
                Finish::Length => "length",
                Finish::Stop | Finish::ContentFilter | Finish::Other(_) => "stop",
            };
            let usage = completion.reply.usage.unwrap_or_default();
            let text = &completion.reply.text;
            if delivery == Delivery::Streamed {
                return events(&pieces(text, finish, usage.prompt_tokens, usage.reply_tokens));
            }
            answer(StatusCode::OK, &chat(text, finish, usage.prompt_tokens, usage.reply_tokens))
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
pub(super) fn fault(fault: FaultChoice) -> Response<Body> {
    let error = |message: &str| json!({ "error": { "message": message } }).to_string();
    match fault {
        FaultChoice::Unauthorized => {
            answer(StatusCode::UNAUTHORIZED, &error("the key is not accepted"))
        }
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
        FaultChoice::EmptyReply => answer(StatusCode::OK, &chat("", "stop", 1, 0)),
        FaultChoice::ContentFilter => answer(StatusCode::OK, &chat("", "content_filter", 1, 0)),
        FaultChoice::WrongType => {
            let mut response = answer(StatusCode::OK, "<html>Sign in first.</html>");
            let html = header::HeaderValue::from_static("text/html");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
        FaultChoice::BrokenOff => {
            let whole = chat("Half of this", "stop", 1, 1);
            let half = whole.get(..whole.len() / 2).unwrap_or_default().to_owned();
            let broken = std::io::Error::other("the connection breaks here");
            streamed(stream::iter([Ok(half), Err(broken)]))
        }
        FaultChoice::Reset => {
            let broken = std::io::Error::other("the connection breaks here");
            streamed(stream::iter([Err(broken)]))
        }
        FaultChoice::Twice => answer(StatusCode::OK, &chat("Said twice", "stop", 1, 1).repeat(2)),
        FaultChoice::CutStream => {
            let whole = pieces("Half of this is lost", "stop", 1, 1);
            events(whole.get(..whole.len() / 2).unwrap_or_default())
        }
        FaultChoice::HugeBody => answer(StatusCode::OK, &" ".repeat(9 * 1024 * 1024)),
        FaultChoice::SlowDrip => {
            let body = chat("Drip by drip", "stop", 1, 1);
            let drips: Vec<String> = body.chars().map(String::from).collect();
            streamed(stream::iter(drips).then(|drip| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok::<String, std::io::Error>(drip)
            }))
        }
    }
}

fn chat(text: &str, finish: &str, prompt_tokens: u64, reply_tokens: u64) -> String {
    json!({
        "object": "chat.completion",
        "model": "fake-provider",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text },
            "finish_reason": finish,
        }],
        "usage": { "prompt_tokens": prompt_tokens, "completion_tokens": reply_tokens },
    })
    .to_string()
}

/// The reply as server-sent events, a word each.
fn pieces(text: &str, finish: &str, prompt_tokens: u64, reply_tokens: u64) -> String {
    let piece = |delta: Value, finish: Value| json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
    let mut events: Vec<Value> = text
        .split_inclusive(' ')
        .map(|word| piece(json!({ "content": word }), Value::Null))
        .collect();
    events.push(piece(json!({}), json!(finish)));
    let usage = json!({ "prompt_tokens": prompt_tokens, "completion_tokens": reply_tokens });
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

fn call_of(body: &[u8]) -> Option<(CallSpec, Delivery)> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let messages = request.get("messages")?.as_array()?.iter().map(message_of);
    let max_tokens = request.get("max_tokens").and_then(Value::as_u64).unwrap_or(1024);
    let streamed = request.get("stream").and_then(Value::as_bool).unwrap_or_default();
    let delivery = if streamed { Delivery::Streamed } else { Delivery::Whole };
    let call = CallSpec {
        purpose: Purpose::Subject { turn: 0 },
        messages: messages.collect::<Option<Vec<_>>>()?,
        sampling: Sampling {
            temperature: request.get("temperature").and_then(Value::as_f64).unwrap_or_default(),
            max_tokens: u32::try_from(max_tokens).unwrap_or(u32::MAX),
            seed: request.get("seed").and_then(Value::as_u64),
            thinking_tokens: None,
        },
        repeat: 0,
        options: RequestOptions::default(),
    };
    Some((call, delivery))
}

fn message_of(message: &Value) -> Option<Message> {
    let role = match message.get("role")?.as_str()? {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    Some(Message { role, content: message.get("content")?.as_str()?.to_owned() })
}
