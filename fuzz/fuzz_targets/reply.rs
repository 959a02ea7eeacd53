//! A provider's answer, in every protocol.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trustmh_fuzz::reply(data));
