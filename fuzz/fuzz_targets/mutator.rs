//! How bundles are changed, for the targets that read them.

use libfuzzer_sys::{fuzz_mutator, fuzzer_mutate};

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
