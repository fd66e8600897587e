//! `cacerts inspect` has an answer for any file: a program, a note, a package, whatever else. It is the
//! command's own code, without what prints. Limits of time and memory are libFuzzer's: `run` has them.

#![no_main]
// Of the command, only `inspect` is used.
#![allow(dead_code, unused_imports, unreachable_pub)]

#[path = "../../src/bin/cacerts/args.rs"]
mod args;
#[path = "../../src/bin/cacerts/config.rs"]
mod config;
#[path = "../../src/bin/cacerts/count.rs"]
mod count;
#[path = "../../src/bin/cacerts/failure.rs"]
mod failure;
#[path = "../../src/bin/cacerts/inspect/mod.rs"]
mod inspect;
#[path = "../../src/bin/cacerts/open.rs"]
mod open;
#[path = "../../src/bin/cacerts/output.rs"]
mod output;
#[path = "../../src/shown.rs"]
mod shown;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| inspect::look_at(bytes));
