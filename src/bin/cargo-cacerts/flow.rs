//! What is done for each thing that can be asked for, stage after stage.

use crate::args::{self, Asked, HELP};
use crate::cargo::{self, Cargo};
use crate::failure::{Failure, message};
use crate::ready::Ready;
use crate::shown;
use crate::{drop_in, install, package, path, run, shim, signals};
use std::env;
use std::io::{IsTerminal, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

pub(crate) fn main() -> Result<ExitStatus, Failure> {
    if cargo::is_asked() {
        return Ok(ExitStatus::from_raw(0));
    }
    let mut words: Vec<_> = env::args_os().skip(1).collect();
    if words.first().is_some_and(|word| word == run::AS_CARGO) {
        words.remove(0);
        return Err(shim::go_on(words));
    }
    let asked = args::parse(words)?;
    let Asked::Cargo(words) = asked else { return answer(asked) };
    let cargo = Cargo::find()?;
    if !words.is_never_an_alias() {
        cargo.refuse_alias(&words.subcommand, &words.resolving())?;
        cargo.refuse_unknown(&words.subcommand)?;
    }
    if words.wants_help() {
        message(format_args!(
            "cargo's own help of {} follows; that of this command is in cargo cacerts --help",
            words.subcommand
        ));
    }
    let is_listing = words.subcommand == "install" && words.has(&["--list"]);
    if words.wants_help() || words.stands_alone() || is_listing {
        let all: Vec<_> = [words.subcommand.into()].into_iter().chain(words.rest).collect();
        return Err(run::become_cargo(&cargo.program, &all));
    }
    let decided = path::decide()?;
    signals::watch()?;
    match words.subcommand.as_str() {
        "install" => install::install(&cargo, &words, &decided),
        "deb" | "generate-rpm" => package::package(&cargo, &words, &decided),
        _ => Ready::make(&cargo, &words, &decided)?.running().run_telling(&words),
    }
}

/// What needs no cargo.
fn answer(asked: Asked) -> Result<ExitStatus, Failure> {
    let text = match asked {
        Asked::Version => format!("cargo-cacerts {}", env!("CARGO_PKG_VERSION")),
        Asked::DropIn { name, version, directory, cacerts } => {
            let decided = path::decide()?;
            drop_in::refuse_other(&directory, &name)?;
            drop_in::write(&name, &version, &directory, &cacerts, &decided)?;
            match std::io::stdout().is_terminal() {
                true => shown::path(&directory),
                false => directory.display().to_string(),
            }
        }
        _ => HELP.to_owned(),
    };
    // Whoever reads it may have gone away, which is nobody's fault.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(ExitStatus::from_raw(0))
}
