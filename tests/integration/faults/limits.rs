//! What a program runs out of, or must not do: descriptors, memory, room on the disk, and system calls that
//! are forbidden.

use super::scenes;
use super::strace;
use crate::support::command::{Run, run, text};
use crate::support::{Pki, Server, User};
use std::fs;
use std::path::Path;
use std::process::Command;

const PRLIMIT: &str = "/usr/bin/prlimit";

fn is_there(program: &str) -> bool {
    let is_there = Path::new(program).exists();
    assert!(is_there || std::env::var_os(super::WANTED).is_none(), "{program} is not there");
    if !is_there {
        eprintln!("left out: {program} is not there");
    }
    is_there
}

fn limited(limit: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(PRLIMIT);
    command.args([limit, "--", env!("CARGO_BIN_EXE_cacerts")]).args(arguments).env_clear();
    run(&mut command)
}

/// Below what a program needs to begin at all, nothing is asked of it.
#[test]
fn without_descriptors_there_is_the_right_store_or_an_error() {
    if !is_there(PRLIMIT) {
        return;
    }
    for (name, make) in scenes::all() {
        let scene = make();
        if !scene.variables.is_empty() {
            continue;
        }
        let arguments: Vec<_> =
            ["list"].into_iter().chain(scene.arguments.iter().map(String::as_str)).collect();
        let right = limited("--nofile=64", &arguments);
        assert_eq!(right.code, Some(0), "{name}: {right:#?}");
        let (mut errors, mut rights) = (0, 0);
        for number in 3..10 {
            let run = limited(&format!("--nofile={number}"), &arguments);
            if run.stderr.contains("shared libraries") {
                continue;
            }
            if (run.code, &run.stdout) == (right.code, &right.stdout) {
                rights += 1;
                continue;
            }
            let is_said = run.stderr.contains("os error 24)");
            assert!(run.code != Some(0) && is_said, "{name}, {number}: {run:#?}");
            errors += 1;
        }
        assert!(rights > 0, "{name}: {errors} errors");
    }
}

#[test]
fn without_memory_there_is_the_right_store_or_an_end() {
    if !is_there(PRLIMIT) {
        return;
    }
    let pki = Pki::new();
    let arguments = ["list", "--ca-certs", text(&pki.root)];
    let right = limited("--as=unlimited", &arguments);
    let mut ends = 0;
    for megabytes in 2..24 {
        let run = limited(&format!("--as={}", megabytes << 20), &arguments);
        if run.code == Some(0) {
            assert_eq!(run.stdout, right.stdout, "{megabytes} MB: {run:#?}");
        } else {
            ends += 1;
        }
    }
    assert!(ends > 0);
}

/// What is there already stays as it was.
#[test]
fn on_a_full_disk_nothing_is_half_written() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let folder = user.home().join("folder");
    fs::create_dir(&folder).unwrap();
    let (config, page) = (folder.join("config.toml"), folder.join("page"));
    let url = server.url();
    let runs: [(&Path, Vec<&str>); 2] = [
        (&config, vec!["config", "set", "min_tls_version", "1.3", "--config", text(&config)]),
        (&page, vec!["get", &url, "-o", text(&page), "--ca-certs", text(&pki.root)]),
    ];
    for (file, arguments) in runs {
        let old = "verify = true\n";
        let mut failed = 0;
        for call in ["write", "openat", "rename", "renameat", "fsync", "fchmod", "linkat"] {
            for number in 1..30 {
                fs::write(file, old).unwrap();
                let fault = format!("{call}:error=ENOSPC:when={number}");
                let (run, injected) = strace::inject(&arguments, &fault);
                let Some(injected) = injected else { break };
                let now = fs::read_to_string(file).unwrap();
                if run.code == Some(0) {
                    assert_ne!(now, old, "{injected}: {run:#?}");
                } else {
                    assert_eq!(now, old, "{injected}: {run:#?}");
                }
                if injected.contains(text(&folder)) {
                    let is_said = run.stderr.contains("os error 28)");
                    assert!(run.code == Some(0) || is_said, "{injected}: {run:#?}");
                    failed += usize::from(run.code != Some(0));
                }
                let names = fs::read_dir(&folder).unwrap().count();
                assert!(names <= 2, "{injected}: something is left");
            }
        }
        assert!(failed > 1, "{failed} failed");
    }
}

/// As a filter may answer that knows no such call, or does not want it.
#[test]
fn what_is_forbidden_and_not_needed_makes_no_difference() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let at = format!("localhost:{}", server.address().port());
    let arguments = ["check", &at, "--ca-certs", text(&pki.root)];
    for call in [
        "statx",
        "readlink",
        "sigaltstack",
        "prctl",
        "ioctl",
        "fcntl",
        "capget",
        "getcwd",
        "rseq",
        "set_robust_list",
        "prlimit64",
        "sched_getaffinity",
        "poll",
        "uname",
        "getpid",
        "madvise",
    ] {
        for errno in ["ENOSYS", "EPERM"] {
            let (run, _) = strace::inject(&arguments, &format!("{call}:error={errno}"));
            if run.code == Some(0) {
                assert!(run.stdout.contains(" is trusted"), "{call}, {errno}: {run:#?}");
            } else {
                let is_an_answer = run.code.is_none_or(|code| code >= 2);
                assert!(is_an_answer, "{call}, {errno}: {run:#?}");
            }
        }
    }
}

/// Whose variables then count nobody knows, and he is told that they do not.
#[test]
fn who_may_be_privileged_is_told_that_variables_do_not_count() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let (pki, arguments) = (Pki::new(), ["explain"]);
    let variable = format!("--env=SSL_CERT_FILE={}", text(&pki.root));
    let options = [variable.as_str(), "-P", "/proc/self/auxv"];
    let (run, _) = strace::inject_with(&arguments, &options, "openat:error=EIO:when=9");
    assert!(run.stdout.contains(&format!("trusted: {}", text(&pki.root))), "{run:#?}");
    // Nobody hides it from a process that has gained nothing, but for filters and who hides himself.
    for errno in ["EACCES", "EIO", "EMFILE", "ENOMEM", "EPERM"] {
        let fault = format!("openat:error={errno}:when=1+");
        let (run, injected) = strace::inject_with(&arguments, &options, &fault);
        assert!(injected.is_some() && !run.stdout.contains("named by SSL"), "{errno}: {run:#?}");
        let is_said = run.stderr.contains("/proc/self/auxv cannot be read (");
        assert!(is_said, "{errno}: {run:#?}");
    }
}

/// The kernel may give less than is asked for, and be interrupted; strace cannot have it do so.
const SHORT: &str = "
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

ssize_t pread64(int file, void *into, size_t size, off_t place)
{
    static ssize_t (*whole)(int, void *, size_t, off_t);
    static unsigned count;
    size_t most = strtoul(getenv(\"MOST\"), NULL, 10);
    if (!whole)
        whole = (ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, \"pread64\");
    if (++count % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    return whole(file, into, size > most ? most : size, place);
}
";

#[test]
fn reads_that_are_short_or_interrupted_make_no_difference() {
    let place = tempfile::tempdir().unwrap();
    let (source, library) = (place.path().join("short.c"), place.path().join("short.so"));
    fs::write(&source, SHORT).unwrap();
    let cc = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let made = Command::new(cc).args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    assert!(made.unwrap().success(), "a C compiler is what Rust links with");
    let mut differing = 0;
    for (name, make) in scenes::all() {
        let scene = make();
        let list = |most: Option<usize>| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cacerts"));
            command.arg("list").args(&scene.arguments).env_clear();
            command.envs(scene.variables.iter().map(|(name, value)| (name, value)));
            if let Some(most) = most {
                command.env("LD_PRELOAD", &library).env("MOST", most.to_string());
            }
            run(&mut command)
        };
        let right = list(None);
        assert_eq!(right.code, Some(0), "{name}: {right:#?}");
        for most in [1, 7, 100, 4095] {
            let short = list(Some(most));
            assert_eq!((short.code, &short.stdout), (right.code, &right.stdout), "{name}, {most}");
        }
        // It is what is read by: of no byte there is no certificate.
        let none = list(Some(0));
        differing += usize::from(none.code != right.code);
    }
    assert!(differing > 0, "the library is not used");
}
