//! A file system that fails by itself, in ways that a network's do: see `tests/faults/mount.py`.

use super::strace::Fault;
use super::{Program, Stage, Tally, judge, scenes};
use crate::support::command::{Run, run, text};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Debian's: fusepy is installed for no other.
const PYTHON: &str = "/usr/bin/python3";
const LIMIT: Duration = Duration::from_secs(20);

/// What it does, and what then has to be said.
fn faults() -> [(&'static str, &'static [&'static str]); 13] {
    let [eio, estale] = ["EIO", "ESTALE"].map(|name| Fault::Errno(name).words());
    [
        ("slow", &[]),
        ("pieces", &[]),
        ("ends", Fault::End.words()),
        // A configuration is read to its end, and then it is not as long as was said.
        ("grows", &["has changed each time", "ended before its end"]),
        ("read:EIO", eio),
        ("read:ESTALE", estale),
        ("open:EIO", eio),
        ("open:ESTALE", estale),
        ("getattr:EIO", eio),
        ("getattr:ESTALE", estale),
        ("readdir:EIO", eio),
        ("readdir:ESTALE", estale),
        ("readlink:EIO", eio),
    ]
}

/// It is over what it shows, until the value goes.
struct Mount<'a>(&'a Path, Child);

impl<'a> Mount<'a> {
    fn over(directory: &'a Path, fault: &str) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/mount.py");
        let mut command = Command::new(PYTHON);
        command.arg(program).arg(directory).arg(fault).stdin(Stdio::null());
        let mut mount = Self(directory, command.spawn().unwrap());
        let end = Instant::now() + LIMIT;
        while !mount.is_there() {
            assert!(mount.1.try_wait().unwrap().is_none() && Instant::now() < end, "no mount");
            sleep(Duration::from_millis(5));
        }
        mount
    }

    fn is_there(&self) -> bool {
        fs::read_to_string("/proc/self/mounts").unwrap().contains(text(self.0))
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        // In vain where it has never been there.
        let _ = Command::new("umount").arg("--lazy").arg(self.0).stderr(Stdio::null()).status();
        let _ = self.1.kill();
        let _ = self.1.wait();
    }
}

fn is_wanted_and_there() -> bool {
    let fusepy = Path::new("/usr/lib/python3/dist-packages/fusepy.py").exists();
    let is_there =
        fusepy && rustix::process::geteuid().is_root() && Path::new("/dev/fuse").exists();
    let is_wanted = std::env::var(super::WANTED).is_ok_and(|wanted| wanted == "whole");
    assert!(is_there || !is_wanted, "/dev/fuse, python3-fusepy or root is not there");
    if !is_wanted {
        eprintln!("left out: it takes minutes, and tests/faults/run has it");
    }
    is_wanted
}

#[test]
fn a_file_system_that_fails_is_told_of_or_makes_no_difference() {
    if !is_wanted_and_there() {
        return;
    }
    let mut wrong = Vec::new();
    let mut rows = faults().map(|(fault, _)| (fault, Tally::default()));
    for (name, make) in scenes::all() {
        let scene = make();
        let stage = Stage::of(&scene);
        let (below, variables) = (&scene.directory.path, stage.variables());
        let run = |(_, program): &Program| -> Run {
            let mut command = Command::new(&program[0]);
            command.args(&program[1..]).env_clear();
            run(command.envs(variables.iter().map(|(name, value)| (name, value))))
        };
        let programs = stage.programs(true);
        let rights: Vec<_> = programs.iter().map(run).collect();
        for ((fault, said), (_, tally)) in faults().into_iter().zip(&mut rows) {
            let _mount = Mount::over(below, fault);
            for (program, right) in programs.iter().zip(&rights) {
                let seen = run(program);
                tally.calls += 1;
                if let Err(why) = judge(right, &seen, said, false, text(below), tally) {
                    wrong.push(format!("{name}, {}: {why}: {fault}\n    {seen:?}", program.0));
                }
            }
        }
    }
    for (fault, Tally { calls, right, errors, told }) in rows {
        println!("| `{fault}` | {calls} | {right} | {errors} | {told} |");
    }
    assert!(wrong.is_empty(), "{} runs:\n{}", wrong.len(), wrong.join("\n"));
}
