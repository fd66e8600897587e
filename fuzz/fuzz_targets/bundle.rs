//! No certificate in a bundle is lost silently, whatever the file looks like: what is checked, and
//! in what we differ from rustls-pki-types, is in `src/read/check.rs`.

#![no_main]

mod mutator;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| cacerts::fuzzing::check(bytes));
