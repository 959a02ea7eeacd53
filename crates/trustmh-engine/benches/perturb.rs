//! How fast texts are perturbed, the measuring of their distance included, on one core:
//! `cargo bench -p trustmh-engine --bench perturb`.
#![allow(clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::BytesCount;
use std::sync::LazyLock;
use trustmh_core::perturbation::{Family, Level};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::perturb::{Keep, perturb};

static BENCHMARK: LazyLock<Benchmark> = LazyLock::new(|| Benchmark::embedded().unwrap());

const POST: &str = "I have been feeling very tired lately and I do not know what to do about it. My mother says that I \
    should talk to somebody, but I never find the right words. Sometimes I can't sleep because I worry about my job. ";

fn main() {
    LazyLock::force(&BENCHMARK);
    divan::main();
}

fn of(bencher: Bencher<'_, '_>, family: Family, level: Level, keep: Keep, repeats: usize) {
    let text = POST.repeat(repeats);
    let tables = BENCHMARK.perturbations("en").unwrap();
    let mut seed = 0;
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        seed += 1;
        perturb(tables, divan::black_box(&text), family, level, keep, seed)
    });
}

/// Posts of 200, 800 and 3,200 characters.
#[divan::bench(args = [1, 4, 16])]
fn character_low(bencher: Bencher<'_, '_>, repeats: usize) {
    of(bencher, Family::Character, Level::Low, Keep::Nothing, repeats);
}

#[divan::bench(args = [1, 4, 16])]
fn character_high(bencher: Bencher<'_, '_>, repeats: usize) {
    of(bencher, Family::Character, Level::High, Keep::Nothing, repeats);
}

#[divan::bench(args = [4])]
fn character_medium_keeping_labels(bencher: Bencher<'_, '_>, repeats: usize) {
    of(bencher, Family::Character, Level::Medium, Keep::Label, repeats);
}

#[divan::bench(args = [4])]
fn word_medium(bencher: Bencher<'_, '_>, repeats: usize) {
    of(bencher, Family::Word, Level::Medium, Keep::Nothing, repeats);
}

#[divan::bench(args = [4])]
fn sentence_medium(bencher: Bencher<'_, '_>, repeats: usize) {
    of(bencher, Family::Sentence, Level::Medium, Keep::Nothing, repeats);
}
