//! This command as the `cargo` that other tools start: the real one, told of the drop-ins where it
//! works on the program that they are for. It may use `graph` and all before it, and `run`.

use crate::args::{TAKING, Words, absolute, is_next};
use crate::cargo::{Cargo, PLACE, REAL, ROOT};
use crate::failure::{Failure, message};
use crate::graph;
use crate::run;
use crate::workspace::is_same;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Goes on as the real cargo.
pub(crate) fn go_on(words: Vec<OsString>) -> Failure {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let (Some(place), Some(root), Some(real)) = (variable(PLACE), variable(ROOT), variable(REAL))
    else {
        return Failure::usage(format_args!("${PLACE} is set without ${ROOT} and ${REAL}"));
    };
    // A toolchain's own cargo knows no +toolchain, which is rustup's.
    let toolchain = words.first().filter(|word| word.as_encoded_bytes().starts_with(b"+")).cloned();
    let rest = &words[usize::from(toolchain.is_some())..];
    let real = match &toolchain {
        Some(_) => next_in_path(&place).unwrap_or(real),
        None => real,
    };
    let Some(at) = subcommand_at(rest) else { return run::become_cargo(&real, &words) };
    let mut before = Words { subcommand: String::new(), rest: rest[..at].to_vec() };
    if let Some(directory) = before.values(&["-C"]).pop() {
        // As cargo does, before it looks at anything that is relative.
        if env::set_current_dir(directory).is_err() {
            return run::become_cargo(&real, &words);
        }
        before = before.without(&[], &["-C"], &[]);
        before.rest.splice(0..0, ["-C".into(), ".".into()]);
    }
    let subcommand = rest[at].to_string_lossy().into_owned();
    let asked = Words { subcommand, rest: [&before.rest, &rest[at + 1..]].concat() };
    let mut all: Vec<_> = toolchain.into_iter().collect();
    if asked.subcommand == "install" && asked.values(&["--path"]).is_empty() {
        message("warning: cargo install, which a tool has started, goes without the drop-ins");
    } else if is_of(&real, &root, &asked) {
        // Where that cannot be written, too much is warned of.
        let _ = fs::write(place.join(run::STARTED), "");
        if let Err(failure) = look(&real, &asked, &place) {
            return failure;
        }
        if let Some(tool) = run::external(&asked.subcommand) {
            // As at first: cargo would tell it where cargo itself is.
            let mut command = Command::new(tool);
            command.args(&rest[at..]).env(REAL, &real);
            // As rustup would tell it.
            let toolchain = all.first().and_then(|word| word.to_str()?.strip_prefix('+'));
            command.envs(toolchain.map(|toolchain| ("RUSTUP_TOOLCHAIN", toolchain)));
            return run::become_command(command);
        }
        let options = before.values(&["--config"]).into_iter();
        let options = options.flat_map(|value| ["--config".into(), value]);
        let after = options.chain(rest[at + 1..].iter().cloned()).collect();
        let after = Words { subcommand: asked.subcommand, rest: after };
        all.extend(before.without(&[], &["--config"], &[]).rest);
        all.push(rest[at].clone());
        all.extend(after.with_config(&place.join("config.toml")));
        return run::become_cargo(&real, &all);
    }
    all.extend(before.rest);
    all.extend_from_slice(&rest[at..]);
    run::become_cargo(&real, &all)
}

/// Where the subcommand is, before which there may be options.
fn subcommand_at(words: &[OsString]) -> Option<usize> {
    let mut at = 0;
    while words.get(at)?.as_encoded_bytes().starts_with(b"-") {
        at += 1 + usize::from(is_next(&words[at], &TAKING));
    }
    (at < words.len()).then_some(at)
}

fn look(real: &Path, words: &Words, place: &Path) -> Result<(), Failure> {
    let cargo = Cargo::at(real.to_owned())?;
    let subcommand = words.subcommand.as_str();
    if !words.is_never_an_alias() {
        cargo.refuse_alias(subcommand, &words.resolving())?;
    }
    if subcommand == "install" {
        return Err(Failure::usage(
            "cargo install, which a tool has started, would resolve the program anew, without the \
             drop-ins: run cargo cacerts install --path DIR in its place",
        ));
    }
    if !words.builds() {
        return Ok(());
    }
    graph::check(&cargo, words, words.manifest_path().as_deref(), place)
}

/// Whether cargo would work on this workspace.
fn is_of(real: &Path, root: &Path, words: &Words) -> bool {
    let mut command = Command::new(real);
    command.args(["locate-project", "--workspace", "--message-format=plain"]);
    let installed = words.values(&["--path"]).pop().filter(|_| words.subcommand == "install");
    let installed = installed.map(|path| absolute(path).join("Cargo.toml"));
    if let Some(manifest) = installed.or_else(|| words.manifest_path()) {
        command.arg("--manifest-path").arg(manifest);
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.is_ok_and(|output| {
        let found = String::from_utf8_lossy(&output.stdout);
        let found = Path::new(found.trim_end()).parent();
        found.is_some_and(|found| is_same(found, root))
    })
}

/// The `cargo` that would have been found without us.
fn next_in_path(place: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut others = env::split_paths(&path).filter(|directory| !directory.starts_with(place));
    others.find_map(|directory| Some(directory.join("cargo")).filter(|path| path.is_file()))
}
