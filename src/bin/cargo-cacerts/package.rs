//! `cargo cacerts deb` and `generate-rpm`: what is packed was built with the drop-ins, and the
//! package depends on what provides the store. It may use all that `flow` uses for a program, and
//! reads notes as `cacerts inspect` does.

use crate::args::{Words, absolute};
use crate::cargo::Cargo;
use crate::elf::Elf;
use crate::failure::{Failure, message};
use crate::note::Notes;
use crate::path::Decided;
use crate::ready::Ready;
use crate::shown;
use crate::workspace::Workspace;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::SystemTime;
use std::{env, fs};

pub(crate) fn package(
    cargo: &Cargo,
    words: &Words,
    decided: &Decided,
) -> Result<ExitStatus, Failure> {
    let ready = Ready::make(cargo, words, decided)?;
    let Ready { workspace, replaced, .. } = &ready;
    let builds = words.subcommand == "deb" && !words.has(&["--no-build"]);
    if !builds && !replaced.is_empty() {
        look_at_programs(workspace, words, decided)?;
    }
    let start = SystemTime::now();
    let (status, lines) = ready.running().run_reading(words)?;
    if !status.success() {
        return Ok(status);
    }
    if builds && !replaced.is_empty() {
        look_at_programs(workspace, words, decided)?;
    }
    let packages: Vec<_> = match words.subcommand.as_str() {
        "deb" => lines.iter().filter(|line| line.ends_with(".deb")).map(PathBuf::from).collect(),
        _ => rpms(workspace, words, start),
    };
    for package in packages {
        look_at_package(&package, decided);
    }
    Ok(status)
}

/// Refuses programs that were not built with the drop-ins, or for another store.
fn look_at_programs(
    workspace: &Workspace,
    words: &Words,
    decided: &Decided,
) -> Result<(), Failure> {
    let programs = programs(workspace, words);
    if programs.is_empty() {
        message(
            "warning: no program is there to be looked at: build it by cargo cacerts build --release, or name its package with -p",
        );
    }
    let mut without = Vec::new();
    for program in &programs {
        let notes = notes(program)?;
        if notes.is_empty() {
            without.push(shown::path(program));
        }
        if let Some(path) = notes.path().filter(|path| *path != decided.path) {
            return Err(Failure::left(format_args!(
                "{} was built for the store {path}, not {}: build it again, by cargo cacerts build \
                 --release",
                shown::path(program),
                decided.path
            )));
        }
    }
    if without.is_empty() {
        return Ok(());
    }
    let names = without.join(", ");
    if without.len() < programs.len() {
        // Beside another that is right: it may well have no TLS in it.
        message(format_args!(
            "warning: {names}: no drop-in is in it; right for a program that trusts nobody"
        ));
        return Ok(());
    }
    Err(Failure::left(format_args!(
        "{names} was built without the drop-ins (it has no note of theirs): build it by cargo \
         cacerts build --release"
    )))
}

/// The programs of the packages that may be packed, and the files that are to be, as far as they are
/// there and are ELF files.
fn programs(workspace: &Workspace, words: &Words) -> BTreeSet<PathBuf> {
    let mut directory = workspace.target.clone();
    let target = words.values(&["--target"]).pop().or_else(|| env::var_os("CARGO_BUILD_TARGET"));
    directory.extend(target.filter(|target| !target.is_empty()));
    let profile = words.values(&["--profile"]).pop().map(|p| p.to_string_lossy().into_owned());
    directory.push(match profile.as_deref() {
        None | Some("bench") => "release",
        Some("dev" | "test") => "debug",
        Some(profile) => profile,
    });
    let wanted = words.values(&["-p", "--package"]);
    let is_wanted = |package: &&Value| {
        wanted.is_empty() || wanted.iter().any(|name| package["name"].as_str() == name.to_str())
    };
    let mut programs = BTreeSet::new();
    for package in workspace.packages.iter().filter(is_wanted) {
        let targets = package["targets"].as_array().into_iter().flatten();
        let names = targets.filter(|target| target["kind"][0] == "bin");
        programs.extend(names.filter_map(|bin| Some(directory.join(bin["name"].as_str()?))));
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let assets = package["metadata"]["generate-rpm"]["assets"].as_array();
        let sources = assets.into_iter().flatten().filter_map(|asset| asset["source"].as_str());
        programs.extend(sources.map(|source| match source.strip_prefix("target/release/") {
            Some(built) => directory.join(built),
            None => manifest.with_file_name(source),
        }));
    }
    programs.retain(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF")));
    programs
}

/// What the notes of a program say.
fn notes(program: &Path) -> Result<Notes, Failure> {
    let bytes = fs::read(program).map_err(|e| Failure::file(program, "cannot be read", e))?;
    let notes = Elf::read(&bytes[..]).and_then(|elf| Notes::parse(&elf.notes));
    notes.map_err(|why| Failure::left(format_args!("{} {why}", shown::path(program))))
}

/// The packages that are newer than the start, where cargo-generate-rpm writes them.
fn rpms(workspace: &Workspace, words: &Words, start: SystemTime) -> Vec<PathBuf> {
    let output = words.values(&["-o", "--output"]).pop().map(absolute);
    let output = output.unwrap_or_else(|| {
        let mut usual = workspace.target.clone();
        usual.extend(words.values(&["--target"]).pop());
        usual.join("generate-rpm")
    });
    if output.is_file() {
        return vec![output];
    }
    let files = fs::read_dir(output).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_new = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "rpm")
            && fs::metadata(path).and_then(|m| m.modified()).is_ok_and(|time| time >= start)
    };
    files.filter(is_new).collect()
}

/// Says so where a package does not depend on what provides the store.
fn look_at_package(package: &Path, decided: &Decided) {
    let Some(provider) = &decided.package else { return };
    let (tool, options, setting) = match package.extension().is_some_and(|e| e == "deb") {
        true => ("dpkg-deb", &["-f"][..], "depends in [package.metadata.deb]"),
        false => ("rpm", &["-qp", "--requires"][..], "[package.metadata.generate-rpm.requires]"),
    };
    let mut command = Command::new(tool);
    command.args(options).arg(package);
    if tool == "dpkg-deb" {
        command.args(["Pre-Depends", "Depends"]);
    }
    let name = shown::path(package);
    let output = match command.output() {
        Ok(output) if output.status.success() => output,
        _ => {
            message(format_args!(
                "warning: {name}: {tool} is needed to see whether it depends on {provider}, which \
                 provides {}",
                decided.path
            ));
            return;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split(|c: char| c.is_whitespace() || ",|(:".contains(c));
    if !words.any(|word| word == provider) {
        message(format_args!(
            "warning: {name} does not depend on {provider}, which provides {}: without it the \
             program trusts nobody; name it under {setting}",
            decided.path
        ));
    }
}
