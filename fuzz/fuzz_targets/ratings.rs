//! People's ratings: tables and annotations.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trustmh_fuzz::ratings(data));
