//! The real cargo: where it is, what it can do, and its answers. It may use `signals` and `failure`.

use crate::failure::Failure;
use crate::signals;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The cargo that the program is built by.
pub(crate) struct Cargo {
    pub(crate) program: PathBuf,
    version: (u32, u32),
    host: String,
}

/// The variable by which cargo tells a subcommand where it is.
pub(crate) const CARGO: &str = "CARGO";

impl Cargo {
    /// The one that has started this command, or the first in `PATH`.
    pub(crate) fn find() -> Result<Self, Failure> {
        Self::at(env::var_os(CARGO).map_or_else(|| "cargo".into(), PathBuf::from))
    }

    pub(crate) fn at(program: PathBuf) -> Result<Self, Failure> {
        let output = Command::new(&program).arg("-vV").stderr(Stdio::inherit()).output();
        let output = output.map_err(|e| {
            let program = program.display();
            Failure::usage(format_args!("{program} cannot be started: {e}; is cargo installed?"))
        })?;
        if !output.status.success() {
            return Err(Failure::Child(output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let line = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let version = line("release:").unwrap_or_default();
        let mut numbers = version.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        Ok(Self {
            version: (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
            host: line("host:").unwrap_or_default().to_owned(),
            program,
        })
    }

    /// Whether `Cargo.lock` can be somewhere else (`resolver.lockfile-path`).
    pub(crate) fn has_lockfile_path(&self) -> bool {
        self.version >= (1, 97)
    }

    /// The options that leave out of an answer what is for other platforms than these.
    pub(crate) fn platforms(&self, mut targets: Vec<OsString>) -> Vec<OsString> {
        if targets.is_empty() {
            let usual = env::var_os("CARGO_BUILD_TARGET").filter(|target| !target.is_empty());
            targets.push(usual.unwrap_or_else(|| self.host.clone().into()));
        }
        targets.into_iter().flat_map(|target| ["--filter-platform".into(), target]).collect()
    }

    /// What `cargo metadata` answers. What cargo says meanwhile is shown, and an error given back.
    pub(crate) fn metadata(
        &self,
        manifest: Option<&Path>,
        options: &[OsString],
    ) -> Result<Value, Refused> {
        let mut command = Command::new(&self.program);
        command.args(["metadata", "--format-version=1", "--color=never"]).args(options);
        if let Some(manifest) = manifest {
            command.arg("--manifest-path").arg(manifest);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = signals::start(&mut command)?;
        let stderr = child.stderr.take().map(BufReader::new);
        let said = std::thread::spawn(move || pass_on(stderr));
        let mut answer = Vec::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_end(&mut answer).map_err(|e| {
                Failure::usage(format_args!("the answer of cargo cannot be read: {e}"))
            })?;
        }
        let status = signals::wait(&mut child)?;
        let error = said.join().unwrap_or_default();
        signals::check()?;
        if !status.success() {
            return Err(Refused::ByCargo(Failure::Child(status), error));
        }
        let answer = serde_json::from_slice(&answer);
        Ok(answer.map_err(|e| Failure::usage(format_args!("cargo metadata is not JSON: {e}")))?)
    }
}

/// No answer: cargo's error is not shown yet.
pub(crate) enum Refused {
    ByCargo(Failure, String),
    Otherwise(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Otherwise(failure)
    }
}

impl Refused {
    /// Shows cargo's error as it is.
    pub(crate) fn shown(self) -> Failure {
        match self {
            Self::ByCargo(failure, error) => {
                eprint!("{error}");
                failure
            }
            Self::Otherwise(failure) => failure,
        }
    }
}

/// Shows what cargo says until it says an error, and gives that back.
fn pass_on(stderr: Option<impl BufRead>) -> String {
    let mut error = String::new();
    for line in stderr.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
        if !error.is_empty() || line.starts_with("error") {
            error += &line;
            error.push('\n');
        } else {
            eprintln!("{line}");
        }
    }
    error
}

/// The first sentence of cargo's error with what it says as the cause, in one line.
pub(crate) fn in_one_line(error: &str) -> String {
    let lines =
        error.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.collect::<Vec<_>>().join("; ").trim_start_matches("error: ").to_owned()
}
