//! One run of a study, as `trustmh run` would be asked for it.

use std::num::NonZero;

use trustmh_core::scorecard::JudgeName;
use trustmh_run::study::{
    Calls, Client, Endpoint, Judge, Profile as StudyProfile, Questions, Subject,
};

use super::opened::OpenStudy;
use super::work::Bounds;
use crate::arguments::{
    CONNECT_TIMEOUT, CallArguments, CallLimits, ClientArguments, DELIVERIES, DataSource,
    EndpointArguments, KeySharing, LEASE, PATIENCE, ProductArguments, Profile, ProgressChoice,
    QuestionsChoice, REPLICAS, RequestArguments, ResultOutput, RunRequest, RunsDir, SEED,
    ServerAccess, TIMEOUT, TOXICITY_KEY_ENV, TRIES, Workers,
};
use crate::failure::Failure;
use crate::models::{self, Typed};
use crate::running::effect::Answers;
use crate::running::together::model_endpoint;

impl OpenStudy {
    /// What is asked of the subject at `subject` with the judge at `judge`.
    pub(super) fn request(
        &self,
        (subject, judge): (usize, usize),
        bounds: &Bounds,
    ) -> Result<RunRequest, Failure> {
        let file = &self.source.study;
        let (asked, judging) = (self.subject(subject)?, self.judge(judge)?);
        let data = &file.data;
        let endpoints = self.endpoints(asked, judging)?;
        Ok(RunRequest {
            subject: asked.model.clone(),
            product: ProductArguments {
                system: None,
                system_text: self.prompts.get(&subject).cloned(),
                temperature: asked.temperature,
                name: asked.name.clone(),
            },
            judge: vec![JudgeName::from(judging.model.as_str())],
            base_url: asked.base_url.clone(),
            judge_base_url: judging.base_url.clone().into_iter().collect(),
            toxicity_url: file.toxicity.as_ref().map(|endpoint| endpoint.base_url.clone()),
            player: player(file.client.as_ref()),
            allow_self_judge: file.study.allow_self_judge
                && is_one_model(asked, judging, &endpoints)?,
            tasks: data.tasks.clone(),
            profile: match data.profile {
                StudyProfile::Full => Profile::Full,
                StudyProfile::Quick => Profile::Quick,
            },
            items: data.items,
            trials: data.trials,
            language: data.languages.clone(),
            repeats: asked.repeats,
            data: DataSource { data: self.data() },
            tasks_from: self.tasks_from(),
            protocol: data.protocol,
            seed: data.seed.unwrap_or(SEED),
            prompts_from: None,
            context: asked.context.map(NonZero::get),
            requests: RequestArguments {
                reply_tokens: asked.reply_tokens.map(NonZero::get),
                thinking_tokens: asked.thinking_tokens,
                judge_thinking_tokens: judging.thinking_tokens,
                subject_option: asked.typed_options(),
                judge_option: judging.typed_options(),
            },
            calls: CallArguments {
                limits: self.limits(asked, judging, bounds),
                endpoints,
                workers: no_workers(),
            },
            runs_dir: RunsDir { runs_dir: "runs".into() },
            output: ResultOutput::default(),
        })
    }

    fn subject(&self, place: usize) -> Result<&Subject, Failure> {
        self.source
            .study
            .subjects
            .get(place)
            .ok_or_else(|| Failure::usage("the study has no such subject"))
    }

    fn judge(&self, place: usize) -> Result<&Judge, Failure> {
        self.source
            .study
            .judges
            .get(place)
            .ok_or_else(|| Failure::usage("the study has no such judge"))
    }

    fn limits(&self, subject: &Subject, judge: &Judge, bounds: &Bounds) -> CallLimits {
        let client = self.source.study.client.as_ref();
        let tries = self.source.study.calls.tries;
        CallLimits {
            rpm: subject.rpm.map(NonZero::get),
            tpm: subject.tpm.map(NonZero::get),
            judge_rpm: self.smallest(judge, |one| one.rpm).map(NonZero::get),
            judge_tpm: self.smallest(judge, |one| one.tpm).map(NonZero::get),
            client_rpm: client.and_then(|client| client.rpm).map(NonZero::get),
            client_tpm: client.and_then(|client| client.tpm).map(NonZero::get),
            max_calls: bounds.calls,
            max_tokens: bounds.tokens,
            max_client_calls: bounds.client_calls,
            max_client_tokens: bounds.client_tokens,
            max_time: bounds.time,
            max_cost: bounds.cost,
            prices: self.source.study.limits.prices.as_ref().map(|path| self.path(path)),
            reuse: Vec::new(),
            reuse_any_endpoint: false,
            tries: tries.map_or(TRIES, NonZero::get),
            progress: ProgressChoice::None,
        }
    }

    /// Of judges at one endpoint the smallest bound holds for all together, for they share its gate.
    fn smallest<T: Ord + Copy>(
        &self,
        judge: &Judge,
        bound: impl Fn(&Judge) -> Option<T>,
    ) -> Option<T> {
        let here = judge_endpoint(judge);
        let same =
            self.source.study.judges.iter().filter(|other| judge_endpoint(other).meets(&here));
        same.filter_map(bound).min()
    }

    /// How the endpoints of a run are reached. What the study says of calls is for those that make any.
    fn endpoints(&self, subject: &Subject, judge: &Judge) -> Result<EndpointArguments, Failure> {
        let file = &self.source.study;
        let calls = &file.calls;
        let client = file.client.as_ref();
        let toxicity = file.toxicity.as_ref();
        let mut all = EndpointArguments {
            connections: subject.connections,
            judge_connections: self.smallest(judge, |one| one.connections),
            stream: false,
            key_env: subject.key_env.clone(),
            judge_key_env: judge.key_env.clone(),
            client_key_env: client.and_then(|client| client.key_env.clone()),
            key_sharing: KeySharing::Apart,
            toxicity_key_env: toxicity
                .and_then(|endpoint| endpoint.key_env.clone())
                .unwrap_or_else(|| TOXICITY_KEY_ENV.to_owned()),
            allow_plain_http: false,
            weights_dir: std::env::var_os("TRUSTMH_WEIGHTS_DIR").map(Into::into),
            models: calls.models.as_ref().map(|path| self.path(path)),
            connect_timeout: CONNECT_TIMEOUT,
            first_byte_timeout: None,
            timeout: TIMEOUT,
        };
        let named = [
            (Typed::SUBJECT, Some(subject.model.as_str())),
            (Typed::CLIENT, client.map(|client| client.model.as_str())),
        ];
        let mut answers: Vec<Answers> = toxicity.map(|_| Answers::Remote).into_iter().collect();
        for (typed, name) in named {
            if let Some(name) = name.filter(|name| *name != "offline") {
                answers.push(Answers::of(&models::resolved(typed, name, None, &all)?.0));
            }
        }
        if let JudgeName::Model(name) = JudgeName::from(judge.model.as_str()) {
            answers
                .push(Answers::of(&models::resolved(Typed::JUDGE, name.as_str(), None, &all)?.0));
        }
        set(&mut all, calls, &answers);
        Ok(all)
    }
}

fn set(all: &mut EndpointArguments, calls: &Calls, answers: &[Answers]) {
    let remote = answers.contains(&Answers::Remote);
    if remote {
        all.stream = calls.stream;
        all.allow_plain_http = calls.allow_plain_http;
        all.connect_timeout = calls.connect_timeout.map_or(CONNECT_TIMEOUT, NonZero::get);
        all.first_byte_timeout = calls.first_byte_timeout.map(NonZero::get);
    }
    if remote || answers.contains(&Answers::Command) {
        all.timeout = calls.timeout.map_or(TIMEOUT, NonZero::get);
    }
}

fn player(client: Option<&Client>) -> ClientArguments {
    let questions = client.map(|client| client.judge_questions).unwrap_or_default();
    ClientArguments {
        client: client.map_or("offline", |client| &client.model).to_owned(),
        client_base_url: client.and_then(|client| client.base_url.clone()),
        client_thinking_tokens: client.and_then(|client| client.thinking_tokens),
        client_temperature: client.and_then(|client| client.temperature),
        client_option: client.map(Client::typed_options).unwrap_or_default(),
        judge_questions: match questions {
            Questions::Together => QuestionsChoice::Together,
            Questions::Apart => QuestionsChoice::Apart,
        },
    }
}

fn no_workers() -> Workers {
    Workers {
        cluster: None,
        lease: LEASE,
        cluster_replicas: REPLICAS,
        cluster_patience: PATIENCE,
        max_deliveries: DELIVERIES,
        audit_share: None,
        server: ServerAccess {
            cluster_creds: None,
            cluster_ca: None,
            cluster_cert: None,
            cluster_key: None,
        },
    }
}

/// Whether the subject is its own judge, by whatever names they go.
fn is_one_model(
    subject: &Subject,
    judge: &Judge,
    endpoints: &EndpointArguments,
) -> Result<bool, Failure> {
    let JudgeName::Model(judging) = JudgeName::from(judge.model.as_str()) else { return Ok(false) };
    let resolved = |typed, model: &str, url: &Option<String>| {
        models::resolved(typed, model, url.as_deref(), endpoints).map(|(id, _)| id)
    };
    let asked = resolved(Typed::SUBJECT, &subject.model, &subject.base_url)?;
    Ok(asked == resolved(Typed::JUDGE, judging.as_str(), &judge.base_url)?)
}

/// Where a judge is asked.
fn judge_endpoint(judge: &Judge) -> Endpoint {
    match JudgeName::from(judge.model.as_str()) {
        JudgeName::Model(model) => model_endpoint(&model, judge.base_url.as_deref()),
        other => Endpoint::of(other.title()),
    }
}
