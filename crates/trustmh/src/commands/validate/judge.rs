//! A judge as it is reached, to be checked against human ratings.

use std::num::NonZeroUsize;

use trustmh_core::id::RubricId;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::api::ModelApi;
use trustmh_model::limit::{Bounds, Limiter};
use trustmh_model::retry::Retry;
use trustmh_run::derived::validity::judge_in_full;
use trustmh_run::plan::prices::Prices;
use trustmh_run::validate::{Judging, Question};

use super::ValidateArguments;
use crate::failure::Failure;
use crate::models::{self, Role, Typed};

/// A judge that is reached.
pub(super) struct Judge {
    pub(super) name: JudgeName,
    pub(super) in_full: String,
    asked: Asking,
    api: Option<Box<dyn ModelApi>>,
}

impl Judge {
    pub(super) fn resolved(
        benchmark: &Benchmark,
        judge: &str,
        arguments: &ValidateArguments,
    ) -> Result<Self, Failure> {
        let endpoints = &arguments.endpoints;
        // Of these judges the name is the same whatever the rubric.
        let none = RubricId::new("none");
        match JudgeName::from(judge) {
            JudgeName::None => {
                Err(Failure::usage("nobody cannot be checked against human ratings")
                    .with_hint("name a model, `embedded`, `offline`, or `recorded` alone"))
            }
            JudgeName::Offline => Ok(Self {
                name: JudgeName::Offline,
                in_full: judge_in_full(benchmark, &JudgeName::Offline, &Asking::USUAL, &none),
                asked: Asking::USUAL,
                api: None,
            }),
            JudgeName::Embedded(_) => {
                let id = benchmark.heads().model();
                let api = Some(models::open(&id, None, None, endpoints)?);
                let (in_full, name) = (id.to_string(), JudgeName::Embedded(id));
                Ok(Self { name, in_full, asked: Asking::USUAL, api })
            }
            JudgeName::Model(typed) => {
                let typed = typed.as_str();
                let place = Typed::HELD_AGAINST_PEOPLE;
                let (id, url) =
                    models::resolved(place, typed, arguments.base_url.as_deref(), endpoints)?;
                models::recordable("--base-url", url.as_deref())?;
                let requests = &arguments.requests;
                let url = url.as_deref();
                let asked =
                    models::asking(typed, &id, url, Role::Judge, requests, None, endpoints)?;
                let api = models::open(&id, url, endpoints.key_env.as_deref(), endpoints)?;
                let name = JudgeName::Model(id);
                let in_full = judge_in_full(benchmark, &name, &asked, &none);
                Ok(Self { name, in_full, asked, api: Some(api) })
            }
        }
    }

    /// Whether the judge itself judges this, and not the rules in its place.
    pub(super) fn is_own(&self, benchmark: &Benchmark, question: &Question) -> bool {
        let full = |rubric| judge_in_full(benchmark, &self.name, &self.asked, rubric);
        question.rubric.as_ref().is_some_and(|rubric| full(rubric) == self.in_full)
    }

    pub(super) fn judging(&self, arguments: &ValidateArguments) -> Result<Judging<'_>, Failure> {
        let parallel = self.api.as_ref().map_or(1, |api| api.parallel().get());
        let at_once = arguments.endpoints.connections.map_or(parallel, NonZeroUsize::get);
        let prices = Prices::embedded()?;
        Ok(Judging {
            name: self.name.clone(),
            api: self.api.as_deref(),
            asked: self.asked.clone(),
            price: self.name.model().and_then(|id| prices.of(id)),
            gate: Limiter::new(Bounds {
                at_once,
                calls_per_minute: arguments.rpm,
                tokens_per_minute: None,
            }),
            retry: Retry::default(),
            most: arguments.max_calls,
        })
    }
}
