//! `cacerts inspect` and files made by chance to cost much or to be passed over: always the same ones, each with an
//! answer, none for more than a second and 256 MiB. A hundred here; `tests/hostile/run` has a command that is optimised
//! look at a thousand, and writes what they cost to `tests/hostile/results.md`.

#![cfg(target_os = "linux")]

mod bombs;
mod change;
mod kinds;

use crate::support::User;
use crate::support::command::{Run, run, text};
use crate::support::inspector::{cas, pem};
use change::Random;
use kinds::KINDS;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How many there are here.
const FEW: usize = 100;
/// What one may cost: seconds of the processor, of a command that is optimised and of one that is not, and
/// KiB of memory, with what the C library and the threads only set aside.
const SECONDS: f64 = 1.0;
const SECONDS_HERE: u32 = 20;
const MEMORY: u32 = 256 << 10;
/// No line is longer than two of the longest path, a list of libraries, and what is said beside.
const LONGEST_LINE: usize = 16 << 10;

/// What the files of a kind have cost.
#[derive(Default)]
struct Cost {
    files: usize,
    seconds: f64,
    memory: u32,
}

#[test]
fn each_hostile_file_has_an_answer_that_costs_little() {
    let user = User::new();
    let store = user.home().join("store.pem");
    fs::write(&store, pem(&cas(20))).unwrap();
    let optimised = env::var_os("CACERTS_TEST_COMMAND");
    let count = env::var("CACERTS_TEST_HOSTILE").map_or(FEW, |count| count.parse().unwrap());
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut wrong = Vec::new();
    let mut costs = KINDS.map(|_| Cost::default());
    for number in 0..count {
        let (name, make) = KINDS[number % KINDS.len()];
        let content = make(&mut Random::new(number as u64));
        let file = directory.path().join(number.to_string());
        fs::write(&file, content).unwrap();
        let mut command = Command::new("sh");
        let measured = user.home().join("measured");
        let seconds = if optimised.is_some() { SECONDS.ceil() as u32 + 1 } else { SECONDS_HERE };
        let limits = format!("ulimit -v {MEMORY} && ulimit -t {seconds} && exec \"$@\"");
        command.args(["-c", &limits, "sh"]);
        if let Some(optimised) = &optimised {
            command.args(["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", text(&measured)]);
            command.arg(optimised);
        } else {
            command.arg(env!("CARGO_BIN_EXE_cacerts"));
        }
        command.args(["inspect", "--ca-certs", text(&store), text(&file)]);
        command.env_clear().env("HOME", user.home()).env("MALLOC_ARENA_MAX", "1");
        let run = run(&mut command);
        let cost = &mut costs[number % KINDS.len()];
        cost.files += 1;
        if let Err(why) = answered(&file, &run) {
            wrong.push(format!("{name}: {} {why}", text(&file)));
            continue;
        }
        if optimised.is_some() {
            let measured = fs::read_to_string(&measured).unwrap();
            let numbers: Vec<f64> =
                measured.split_whitespace().map(|number| number.parse().unwrap()).collect();
            let seconds = numbers[0] + numbers[1];
            if seconds > SECONDS {
                wrong.push(format!("{name}: {} takes {seconds} s", text(&file)));
                continue;
            }
            cost.seconds = cost.seconds.max(seconds);
            cost.memory = cost.memory.max(numbers[2] as u32);
        }
        fs::remove_file(&file).unwrap();
    }
    if !wrong.is_empty() {
        // What something is wrong with stays there.
        let _ = directory.keep();
        panic!("{}", wrong.join("\n"));
    }
    if optimised.is_some() {
        for ((name, _), Cost { files, seconds, memory }) in KINDS.iter().zip(costs) {
            println!("| {name} | {files} | {seconds:.2} s | {} MiB |", memory.div_ceil(1 << 10));
        }
    }
}

/// Whether it was a yes or a no, and the file has a line of its own.
fn answered(file: &Path, run: &Run) -> Result<(), String> {
    let file = text(file);
    let lines = || run.stdout.lines().chain(run.stderr.lines());
    let own = |line: &str| {
        let line = line.strip_prefix("cacerts: ").unwrap_or(line);
        line.strip_prefix(file).is_some_and(|rest| rest.starts_with([':', ' ']))
    };
    let why = if !matches!(run.code, Some(0 | 1)) {
        "has no answer"
    } else if ["panicked", "because of a fault"].iter().any(|fault| run.stderr.contains(fault)) {
        "is read with a fault"
    } else if lines().any(|line| line.len() > LONGEST_LINE) {
        "has a line that is too long"
    } else if !lines().any(own) {
        "is not told of"
    } else {
        return Ok(());
    };
    Err(format!("{why}: {:?} {:.1000} {:.1000}", run.code, run.stdout, run.stderr))
}
