//! Programs that speak JSON lines.
use serde_json::Value;
use std::time::Duration;

use crate::server::simple_call;
use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;
use trustmh_model::api::ModelApi;
use trustmh_model::command::CommandModel;
use trustmh_model::error::ModelError;

/// A bot of a few lines of shell: it answers by the number of the call, and dies after the second.
#[cfg(unix)]
#[tokio::test]
async fn a_program_answers_and_is_started_again_when_it_dies() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    std::fs::write(
        &script,
        "n=0\nwhile read -r line; do n=$((n+1)); [ $n -gt 2 ] && exit 3\necho \"{\\\"id\\\": $n, \\\"text\\\": \\\"Answer $n.\\\"}\"; done\n",
    )
    .unwrap();
    let line = format!("sh '{}'", script.display());
    let model =
        CommandModel::new(ModelId::new("command:bot"), &line, Duration::from_secs(10)).unwrap();
    let say = async || model.complete(&simple_call()).await.map(|done| done.reply.text);
    assert_eq!(say().await.unwrap(), "Answer 1.");
    assert_eq!(say().await.unwrap(), "Answer 2.");
    let error = say().await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error}");
    assert_eq!(say().await.unwrap(), "Answer 1.", "a fresh program begins anew");
}

/// A bot that greets, logs, sends a byte order mark and blank lines, and answers late once.
#[cfg(unix)]
#[tokio::test]
async fn lines_of_a_program_that_are_no_answers_are_skipped_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let (script, asked) = (folder.path().join("bot.sh"), folder.path().join("asked"));
    let bot = format!(
        "echo 'Bot of the house, version 7'\nn=0\nwhile read -r line; do n=$((n+1)); echo \"$line\" >> '{}'\n\
         echo; echo '[info] thinking'; [ $n -gt 1 ] && echo '{{\"id\": 1, \"text\": \"Late.\"}}'\n\
         printf '\\357\\273\\277{{\"id\": %s, \"text\": \"Answer %s.\"}}\\n' $n $n; done\n",
        asked.display()
    );
    std::fs::write(&script, bot).unwrap();
    let line = format!("sh '{}'", script.display());
    let id = ModelId::new("command:bot");
    let model = CommandModel::new(id, &line, Duration::from_secs(10)).unwrap();
    let mut call = simple_call();
    call.trial = Some(trustmh_core::id::TrialId::new("a/b:one:c:0"));
    for answer in ["Answer 1.", "Answer 2."] {
        assert_eq!(model.complete(&call).await.unwrap().reply.text, answer);
    }
    let learnt = model.learnt();
    assert_eq!(learnt.len(), 1, "{learnt:?}");
    assert!(learnt[0].to_string().contains("Bot of the house, version 7"), "{learnt:?}");
    let asked = std::fs::read_to_string(asked).unwrap();
    let first: Value = serde_json::from_str(asked.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["trial"], &first["session"], &first["turn"]),
        (&"a/b:one:c:0".into(), &"a/b:one:c:0".into(), &0.into())
    );
}

/// An agent that counts what it was told in each session, answers the end of one, and dies of the next end.
#[cfg(unix)]
#[tokio::test]
async fn a_session_ends_with_a_line_that_takes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("agent.py");
    std::fs::write(
        &script,
        "import json, sys\nturns, ends = {}, 0\n\
         for line in sys.stdin:\n\
         \x20   asked = json.loads(line)\n\
         \x20   if asked.get('end'):\n\
         \x20       ends += 1\n\
         \x20       assert ends < 2 and asked['turn'] is None and asked['messages'][-1]['content'] == 'Turn 2.'\n\
         \x20       del turns[asked['session']]\n\
         \x20       print(json.dumps({'id': asked['id'], 'error': 'bye'}), flush=True)\n\
         \x20       continue\n\
         \x20   turns[asked['session']] = turns.get(asked['session'], 0) + 1\n\
         \x20   text = 'Turn %d.' % turns[asked['session']]\n\
         \x20   print(json.dumps({'id': asked['id'], 'text': text}), flush=True)\n",
    )
    .unwrap();
    let line = format!("python3 '{}'", script.display());
    let model =
        CommandModel::new(ModelId::new("command:bot"), &line, Duration::from_secs(20)).unwrap();
    let mut call = simple_call();
    call.trial = Some(trustmh_core::id::TrialId::new("a/b:one:c:0"));
    let say = async |call: &CallSpec| model.complete(call).await.map(|done| done.reply.text);
    let mut whole = call.clone();
    whole.messages.push(Message::assistant("Turn 2."));
    // Nothing runs yet: there is nothing to tell.
    model.ended(&whole).await;
    assert_eq!(say(&call).await.unwrap(), "Turn 1.");
    assert_eq!(say(&call).await.unwrap(), "Turn 2.");
    model.ended(&whole).await;
    assert_eq!(say(&call).await.unwrap(), "Turn 1.", "it has forgotten the session");
    model.ended(&whole).await;
    assert_eq!(say(&call).await.unwrap(), "Turn 1.", "it died of the end and was started again");
    assert_eq!(say(&call).await.unwrap(), "Turn 2.");
    assert_eq!(model.learnt(), []);
}

#[cfg(unix)]
#[tokio::test]
async fn errors_of_a_program_name_the_program() {
    let error = async |answer: &str| {
        let line = format!("sh -c 'read -r line; echo \"{}\"'", answer.replace('"', "\\\""));
        let model = CommandModel::new(ModelId::new("command:bot"), &line, Duration::from_secs(10));
        model.unwrap().complete(&simple_call()).await.unwrap_err().to_string()
    };
    let unable = error(r#"{"id": 1, "error": "no idea"}"#).await;
    assert_eq!(unable, "`sh` cannot answer this call: no idea");
    let early = error(r#"{"id": 9, "text": "x"}"#).await;
    assert!(early.starts_with("no reply of `sh` can be read: it answers 9, not 1"), "{early}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_not_there_or_falls_silent_is_an_error() {
    let id = || ModelId::new("command:bot");
    let none = CommandModel::new(id(), "/no/such/program", Duration::from_secs(1)).unwrap();
    let error = none.complete(&simple_call()).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/program"), "{error}");
    let silent = CommandModel::new(id(), "sleep 30", Duration::from_millis(100)).unwrap();
    let error = silent.complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::Timeout { .. }), "{error}");
    assert!(CommandModel::new(id(), " ", Duration::from_secs(1)).is_err());
}
