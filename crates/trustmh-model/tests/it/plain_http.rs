//! Keys do not travel over plain http to another machine, whoever is asked.
use secrecy::SecretString;
use trustmh_core::id::ModelId;
use trustmh_model::error::ModelError;
use trustmh_model::http::{PlainHttp, Timeouts, Way};
use trustmh_model::perspective::Perspective;
use trustmh_model::provider::Provider;
use trustmh_model::remote::{Connection, RemoteModel};

type Opened = Result<(), ModelError>;

/// Every kind of endpoint, opened at `base`.
fn opened(base: &str, key: Option<&str>, way: Way) -> Vec<Opened> {
    let key = || key.map(SecretString::from);
    let remote = Provider::all().map(|provider| {
        let connection = Connection {
            base_url: Some(base.to_owned()),
            key: key(),
            key_variable: None,
            way: way.clone(),
        };
        let id = ModelId::new("any/model");
        RemoteModel::new(id, provider, "model".to_owned(), connection).map(drop)
    });
    let toxicity = Perspective::new(&format!("{base}/v1/comments:analyze"), key(), way.clone());
    remote.chain([toxicity.map(drop)]).collect()
}

#[test]
fn a_key_over_plain_http_to_another_machine_is_refused() {
    let usual = Way::from(Timeouts::default());
    for base in ["http://10.0.0.5:8000", "http://models.example", "HTTP://192.168.1.2"] {
        for refused in opened(base, Some("sk-canary"), usual.clone()) {
            let error = refused.unwrap_err();
            assert!(matches!(error, ModelError::Configuration { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("--allow-plain-http") && !text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn this_machine_https_no_key_and_leave_are_fine() {
    let usual = Way::from(Timeouts::default());
    let allowed = Way { plain_http: PlainHttp::Allowed, ..usual.clone() };
    let fine = [
        ("http://127.0.0.1:8000", Some("sk"), usual.clone()),
        ("http://localhost:8000", Some("sk"), usual.clone()),
        ("http://[::1]:8000", Some("sk"), usual.clone()),
        ("http://10.0.0.5:8000", None, usual.clone()),
        ("http://10.0.0.5:8000", Some(""), usual.clone()),
        ("http://10.0.0.5:8000", Some("sk"), allowed),
    ];
    for (base, key, way) in fine {
        for (which, opened) in opened(base, key, way).into_iter().enumerate() {
            assert!(opened.is_ok(), "{base} {which}: {opened:?}");
        }
    }
}
