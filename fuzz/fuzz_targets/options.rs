//! Fuzzes `options` with libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| social_plus_auth_fuzz::options::run(data));
