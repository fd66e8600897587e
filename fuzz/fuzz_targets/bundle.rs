//! No certificate in a bundle is lost silently, whatever the file looks like: what is checked, and
//! in what we differ from rustls-pki-types, is in `src/read/check.rs`.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| cacerts::fuzzing::check(bytes));

// Half of the changes are libFuzzer's own; the others leave most of the file PEM.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let changed = cacerts::fuzzing::mutate(&data[..size], seed.into());
    let length = changed.len().min(max_size).min(data.len());
    data[..length].copy_from_slice(&changed[..length]);
    length
});
