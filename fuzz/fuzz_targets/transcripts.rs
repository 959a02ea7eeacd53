//! Conversations that happened elsewhere.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trustmh_fuzz::transcripts(data));
