//! `trustmh cluster status`: runs, workers and queues on a server.

use clap::Args;
use jiff::Timestamp;

use trustmh_cluster::status::{CoordinatorRecord, Queue, Shown, Status, status};
use trustmh_core::inert::inert;

use super::{Server, with_server};
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Show runs, workers and queues
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    output: JsonOutput,
}

pub(crate) fn run(arguments: &StatusArguments) -> Result<Exit, Failure> {
    let found = with_server(&arguments.server, async |link| Ok(status(&link).await?))?;
    if arguments.output.json {
        screen::print_json(&found)?;
    } else {
        // Names are whatever workers say.
        screen::print(&inert(&told(&found, Timestamp::now())));
    }
    Ok(Exit::Ok)
}

fn told(status: &Status, now: Timestamp) -> String {
    let mut text = format!(
        "NATS server {}; {} results not recorded yet; {} KB in jobs and results\n",
        status.server,
        status.results,
        status.bytes.div_ceil(1024)
    );
    section(&mut text, "runs", &status.coordinators, |one| run_line(one, now));
    section(&mut text, "workers", &status.workers, |one| worker_line(one, now));
    section(&mut text, "queues", &status.queues, queue_line);
    text
}

fn section<T>(text: &mut String, title: &str, all: &[T], line: impl Fn(&T) -> String) {
    let none = if all.is_empty() { ": none" } else { "" };
    text.push_str(&format!("\n{title}{none}\n"));
    all.iter().for_each(|one| text.push_str(&format!("  {}\n", line(one))));
}

fn minutes(since: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(since).as_mins()
}

fn run_line(one: &CoordinatorRecord, now: Timestamp) -> String {
    format!(
        "{} by {}, {} min: {} calls recorded, {} under way, {} dead letters",
        one.run,
        one.holder,
        minutes(one.since, now),
        one.recorded,
        one.under_way,
        one.dead
    )
}

fn worker_line(one: &Shown, now: Timestamp) -> String {
    let draining = if one.draining { ", draining" } else { "" };
    let served: Vec<String> = one
        .served
        .iter()
        .map(|served| {
            format!(
                "{} ({} in hand, at most {} calls at once; {} brought, {} without a reply)",
                served.model, served.in_hand, served.at_once, served.made, served.broken
            )
        })
        .collect();
    let since = minutes(one.since, now);
    format!("{}, {since} min{draining}, {:.1}/s: {}", one.name, one.rate, served.join("; "))
}

fn queue_line(one: &Queue) -> String {
    format!(
        "{}: {} waiting, {} leased for {} s each, {} of them handed out again",
        one.title, one.waiting, one.leased, one.lease, one.handed_on
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_cluster::status::Served;
    use trustmh_core::id::{ModelId, RunId};

    #[test]
    fn the_status_names_runs_workers_and_queues() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let since: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
        let status = Status {
            server: "2.9.10".to_owned(),
            coordinators: vec![CoordinatorRecord {
                run: RunId::new("20261123T093000Z-openai-x-1"),
                holder: "desk:12".to_owned(),
                session: String::new(),
                program: "0.1.0".to_owned(),
                since,
                recorded: 1200,
                under_way: 64,
                dead: 1,
                queues: Vec::new(),
            }],
            workers: vec![Shown {
                name: "gpu-1:7".to_owned(),
                program: "0.1.0".to_owned(),
                since,
                draining: true,
                rate: 12.34,
                served: vec![Served {
                    model: ModelId::new("openai/x"),
                    at_once: 32,
                    in_hand: 40,
                    made: 1100,
                    broken: 2,
                }],
            }],
            queues: vec![Queue {
                title: "jobs of openai/x".to_owned(),
                waiting: 24,
                leased: 40,
                handed_on: 3,
                lease: 30.0,
            }],
            results: 5,
            bytes: 4000,
        };
        insta::assert_snapshot!(told(&status, now));
    }
}
