//! A spreadsheet of items.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trustmh_fuzz::spreadsheet(data));
