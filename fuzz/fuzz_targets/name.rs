//! Names that are the same for OpenSSL have the same hash: see `src/read/check/name.rs`. That it is OpenSSL's,
//! tests say that ask it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| cacerts::fuzzing::check_name(bytes));
