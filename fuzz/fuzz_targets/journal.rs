//! A run's journal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trustmh_fuzz::journal(data));
