//! Starts cargo, or another tool that starts cargo, so that the drop-ins are used below it, too. It
//! may use `shim`'s names, `workspace`, `path`, `cargo`, `args`, `signals` and `failure`.

use crate::args::Words;
use crate::cargo::{CARGO, Cargo, PLACE, REAL, ROOT, TRUST, find_in_path};
use crate::failure::{Failure, message};
use crate::path::Decided;
use crate::shown;
use crate::signals;
use crate::workspace::{self, Place, Workspace};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// The first word of this command as the `cargo` that other tools start.
pub(crate) const AS_CARGO: &str = "--as-cargo";

/// The file by which a `cargo` that is this command tells that it was started for the program.
pub(crate) const STARTED: &str = "started";

/// What all that is started needs to know.
pub(crate) struct Running<'a> {
    pub(crate) cargo: &'a Cargo,
    pub(crate) workspace: &'a Workspace,
    pub(crate) place: &'a Place,
    pub(crate) decided: &'a Decided,
}

impl Running<'_> {
    /// Runs a subcommand to its end.
    pub(crate) fn run(&self, words: &Words) -> Result<ExitStatus, Failure> {
        let mut child = signals::start(&mut self.command(words)?)?;
        signals::wait(&mut child)
    }

    /// The same; says so where a tool has not started cargo in a way that this command could see.
    pub(crate) fn run_telling(&self, words: &Words) -> Result<ExitStatus, Failure> {
        let mark = self.place.directory.join(STARTED);
        let _ = fs::remove_file(&mark);
        let status = self.run(words)?;
        if status.success() && external(&words.subcommand).is_some() && !mark.exists() {
            message(format_args!(
                "warning: cargo-{} has not started cargo by that name or by $CARGO: if it has built the \
                 program, then without the drop-ins; cacerts inspect tells",
                words.subcommand
            ));
        }
        Ok(status)
    }

    /// The same as `run`; also gives back the lines that it has printed.
    pub(crate) fn run_reading(&self, words: &Words) -> Result<(ExitStatus, Vec<String>), Failure> {
        let mut child = signals::start(self.command(words)?.stdout(Stdio::piped()))?;
        let mut lines = Vec::new();
        let stdout = child.stdout.take().map(BufReader::new);
        for line in stdout.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
            // Whoever reads it may have gone away; that does not stop what is written to files.
            let _ = writeln!(std::io::stdout(), "{line}");
            lines.push(line);
        }
        Ok((signals::wait(&mut child)?, lines))
    }

    fn command(&self, words: &Words) -> Result<Command, Failure> {
        let subcommand = OsStr::new(&words.subcommand);
        let mut command = match external(&words.subcommand) {
            // cargo would tell it where cargo is; it is to be told where the shim is.
            Some(tool) => {
                let mut command = Command::new(tool);
                command.arg(subcommand).args(&words.rest);
                command
            }
            None => {
                let mut command = Command::new(&self.cargo.program);
                command.arg(subcommand).args(words.with_config(&self.place.config()));
                command
            }
        };
        self.environment(&mut command)?;
        Ok(command)
    }

    fn environment(&self, command: &mut Command) -> Result<(), Failure> {
        let shim = self.place.shim();
        make_shim(&shim)?;
        let mut path = vec![shim.clone()];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let path = env::join_paths(path).map_err(|e| {
            let hint = "set CARGO_TARGET_DIR to a directory without a colon in its name";
            Failure::usage(format_args!("{}: {e}; {hint}", shown::path(&shim)))
        })?;
        for (name, value) in TRUST.iter().zip(&self.workspace.trust) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .env("CACERTS_DEFAULT_PATH", &self.decided.path)
            .env("PATH", path)
            .env(CARGO, shim.join("cargo"))
            .env(PLACE, &self.place.directory)
            .env(ROOT, &self.workspace.root)
            .env(REAL, &self.cargo.program);
        Ok(())
    }
}

/// A tool of somebody else's that cargo would start as a subcommand.
pub(crate) fn external(subcommand: &str) -> Option<PathBuf> {
    find_in_path(OsStr::new(&format!("cargo-{subcommand}")))
}

/// A script `cargo` that starts this very command: of a link, some cargos would tell what they start
/// where it leads to.
fn make_shim(directory: &Path) -> Result<(), Failure> {
    let script = directory.join("cargo");
    let failed = |e| Failure::file(&script, "cannot be made", e);
    let me = env::current_exe().map_err(failed)?;
    let me = me.as_os_str().as_bytes().split(|byte| *byte == b'\'').collect::<Vec<_>>();
    let me = me.join(&b"'\\''"[..]);
    let text = [b"#!/bin/sh\nexec '", &*me, b"' ", AS_CARGO.as_bytes(), b" \"$@\"\n"].concat();
    if fs::read(&script).is_ok_and(|old| old == text) {
        return Ok(());
    }
    // Renamed into place: one that is running stays whole.
    let new = directory.join("cargo.new");
    workspace::write(&new, &text)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    fs::rename(&new, &script).map_err(failed)
}

/// Takes the place of this process.
pub(crate) fn become_cargo(program: &Path, words: &[OsString]) -> Failure {
    let mut command = Command::new(program);
    command.args(words);
    become_command(command)
}

pub(crate) fn become_command(mut command: Command) -> Failure {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    let program = Path::new(command.get_program());
    Failure::usage(format_args!("{} cannot be started: {error}", shown::path(program)))
}
