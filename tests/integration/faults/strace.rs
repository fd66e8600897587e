//! One system call of a program fails, as strace makes it. The program sees an error that the kernel did not
//! make; nothing of this is in the product.

use crate::support::command::{Run, run};
use std::collections::{BTreeSet, HashMap};
use std::env;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// The calls by which files and directories are read.
const CALLS: &str = "open,openat,stat,lstat,fstat,newfstatat,statx,read,pread64,getdents64,readlink,\
                     readlinkat";
/// `/usr/bin` too, because the tests of packages have an empty `PATH`.
const STRACE: &str = "/usr/bin/strace";

/// A call: its name, and which one of that name it is, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    number: usize,
}

/// What a call comes to instead of what it would.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fault {
    Errno(&'static str),
    /// It reads nothing: the file ends here.
    End,
}

pub(super) const FAULTS: [Fault; 8] = [
    Fault::Errno("EIO"),
    Fault::Errno("EMFILE"),
    Fault::Errno("ENOENT"),
    Fault::Errno("EACCES"),
    Fault::Errno("ENOMEM"),
    Fault::Errno("ESTALE"),
    Fault::Errno("EINTR"),
    Fault::End,
];

impl Fault {
    /// Whether the kernel can do this to a call. What has no entry any more ends for the C library: to
    /// whoever reads a directory that is removed meanwhile the names just stop (POSIX).
    pub(super) fn can_be(self, call: &Call) -> bool {
        match self {
            Self::End => call.name.contains("read") && !call.name.contains("link"),
            Self::Errno("ENOENT") => call.name != "getdents64" && !call.name.ends_with("read64"),
            Self::Errno("EMFILE") => call.name.starts_with("open"),
            Self::Errno(_) => true,
        }
    }

    /// Whether it is what a file is like, and not what happens to it.
    pub(super) fn is_lasting(self) -> bool {
        matches!(self, Self::Errno("ENOENT" | "EACCES"))
    }

    /// How it is told of in words.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Errno("EIO") => &["os error 5)"],
            Self::Errno("EMFILE") => &["os error 24)"],
            Self::Errno("ENOENT") => {
                &["does not exist", "leads nowhere", "went away", "os error 2)", "there is nothing"]
            }
            Self::Errno("EACCES") => &["ermission denied"],
            Self::Errno("ENOMEM") => &["os error 12)", "out of memory"],
            Self::Errno("ESTALE") => &["os error 116)"],
            Self::Errno("EINTR") => &["os error 4)"],
            Self::Errno(_) => &[],
            Self::End => &["fill whole buffer", "ended", "without certificates", "is empty"],
        }
    }
}

/// Whether there is strace, and it may look into a program.
pub(super) fn is_there() -> bool {
    let works = Command::new(STRACE).args(["-qq", "-o", "/dev/null", "/bin/true"]).output();
    works.is_ok_and(|output| output.status.success())
}

/// The same, where it may be left out with a word.
pub(super) fn is_wanted_and_there() -> bool {
    let is_there = is_there();
    assert!(
        is_there || env::var_os(super::WANTED).is_none(),
        "strace is not there, or may not be used"
    );
    if !is_there {
        eprintln!("left out: strace is not there, or may not be used");
    }
    is_there
}

/// Runs the command with calls that come to something else, and tells the first that did.
pub(super) fn inject(arguments: &[&str], inject: &str) -> (Run, Option<String>) {
    inject_with(arguments, &[], inject)
}

/// The same with more options of strace's.
pub(super) fn inject_with(
    arguments: &[&str],
    options: &[&str],
    inject: &str,
) -> (Run, Option<String>) {
    let place = TempDir::new().unwrap();
    let log = place.path().join("log");
    let name = inject.split(':').next().unwrap();
    let mut strace = Command::new(STRACE);
    strace.args(["-f", "-y", "--quiet=all", "-s", "0", "-e", "signal=none", "-o"]).arg(&log);
    strace.arg(format!("--trace={name}")).arg(format!("--inject={inject}"));
    strace.args(options).args(["--", env!("CARGO_BIN_EXE_cacerts")]).args(arguments).env_clear();
    let run = run(&mut strace);
    let log = fs::read_to_string(log).unwrap();
    let injected = log.lines().find(|line| line.ends_with("(INJECTED)"));
    (run, injected.map(str::to_owned))
}

/// A program, and what strace is to look at.
pub(super) struct Traced<'a> {
    pub(super) program: &'a [&'a str],
    pub(super) variables: &'a [(&'a str, &'a str)],
    paths: BTreeSet<String>,
}

impl<'a> Traced<'a> {
    /// Runs it as it is, and tells which of its calls are about these files.
    pub(super) fn new(
        program: &'a [&'a str],
        variables: &'a [(&'a str, &'a str)],
        below: &'a str,
    ) -> (Self, Run, Vec<Call>) {
        let mut traced = Self { program, variables, paths: BTreeSet::new() };
        // Which paths that are, strace has to be told: then it counts nothing else.
        let (_, log) = traced.run(None);
        for (start, _) in log.match_indices(below) {
            let path = log[start..].split(['"', '>']).next().unwrap();
            traced.paths.insert(path.to_owned());
        }
        let (run, log) = traced.run(None);
        let (mut numbers, mut calls, mut threads) = (HashMap::new(), vec![], BTreeSet::new());
        for line in log.lines() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some((name, _)) = rest.trim_start().split_once('(') else { continue };
            threads.insert(thread);
            let number: &mut usize = numbers.entry(name).or_default();
            *number += 1;
            calls.push(Call { name: name.to_owned(), number: *number });
        }
        assert!(threads.len() == 1, "it is not one thread that reads: {log}");
        (traced, run, calls)
    }

    /// Runs it with one call that fails, and tells what that was.
    pub(super) fn with_fault(&self, call: &Call, fault: Fault) -> (Run, String) {
        let what = match fault {
            Fault::Errno(name) => format!("error={name}"),
            Fault::End => "retval=0".to_owned(),
        };
        let inject = format!("{}:{what}:when={}", call.name, call.number);
        let (run, log) = self.run(Some(&inject));
        let mut lines = log.lines().filter(|line| line.ends_with("(INJECTED)"));
        let (Some(line), None) = (lines.next(), lines.next()) else {
            panic!("{inject} is not done once:\n{log}");
        };
        (run, line.to_owned())
    }

    fn run(&self, inject: Option<&str>) -> (Run, String) {
        let place = TempDir::new().unwrap();
        let log = place.path().join("log");
        let mut strace = Command::new(STRACE);
        strace.args(["-f", "-y", "--quiet=all", "-s", "0", "-e", "signal=none", "-o"]).arg(&log);
        strace.arg("-e").arg(format!("trace={CALLS}"));
        strace.args(inject.map(|inject| format!("--inject={inject}")));
        strace.args(self.paths.iter().flat_map(|path| ["-P", path]));
        strace.arg("--").args(self.program).env_clear().envs(self.variables.iter().copied());
        strace.envs(env::var_os("TMPDIR").map(|directory| ("TMPDIR", directory)));
        (run(&mut strace), fs::read_to_string(log).unwrap())
    }
}
