//! The property that the fuzz target goes on with, over fewer inputs, and the same ones each time but
//! for the keys in them.

use super::{check, marks, mutate, name};
use cases::Authority;
use std::panic::catch_unwind;

#[allow(dead_code, reason = "the table of odd files asks for more")]
#[path = "../../../tests/odd-files/cases.rs"]
mod cases;

#[test]
fn nothing_is_lost_in_odd_files() {
    for (number, case) in (0..).zip(cases::cases(&Authority::three())) {
        holds(case.name, &case.content);
        marks::check(&case.content);
        for round in 0..80 {
            let mut content = case.content.clone();
            // Changes on top of changes, as a fuzzer does it.
            for step in 0..3 {
                content = mutate(&content, number << 32 | round << 8 | step);
                holds(case.name, &content);
            }
            if round % 20 == 0 {
                marks::check(&content);
            }
        }
    }
}

/// Shows what it does not hold for.
fn holds(name: &str, content: &[u8]) {
    if catch_unwind(|| check(content)).is_err() {
        panic!("{name}:\n{}", content.escape_ascii().to_string().replace("\\n", "\n"));
    }
}

#[test]
fn a_name_that_is_the_same_has_the_same_hash() {
    for parts in [
        &b""[..],
        b"\x06Example",
        b"\x06Example\x08 Corp ",
        b"\x06Example\n\x14A  b\n\x07Other\n\x0dThird",
        b"\x06\xc3\x84rger \xe2\x82\xac\n\x01STRASSE\n\x01",
        b"\x06\n\x01\n\x01 ",
    ] {
        name::check(parts);
    }
}
