//! An example, run by somebody who has set `SSL_CERT_FILE`, and little else.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything here may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// An example, and the address that it is given.
pub(crate) struct Program {
    path: &'static str,
    address: String,
}

impl Program {
    pub(crate) fn new(path: &'static str, address: String) -> Self {
        Self { path, address }
    }

    pub(crate) fn run(&self, bundle: &Path) -> Run {
        run(self.command().env("SSL_CERT_FILE", bundle))
    }

    pub(crate) fn run_with_directory(&self, bundle: &Path, directory: &Path) -> Run {
        run(self.command().env("SSL_CERT_FILE", bundle).env("SSL_CERT_DIR", directory))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.path);
        command.arg(&self.address).env_clear();
        command
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The server was trusted, and this is the end of what it said.
    #[track_caller]
    pub(crate) fn printed(&self, end: &str) {
        assert!(self.success && self.stdout.ends_with(end), "{self:#?}");
    }

    /// The server was not trusted, because nobody who is trusted has issued its certificate; that is
    /// said in the words of cacerts.
    #[track_caller]
    pub(crate) fn refused(&self) {
        for said in [
            "the server is not trusted: certificate verify failed: no CA in the trust store has issued",
            " (SSL_CERT_FILE)",
            "`cacerts check ",
        ] {
            self.failed(said);
        }
    }

    /// cacerts could not use what `SSL_CERT_FILE` names, and said so.
    #[track_caller]
    pub(crate) fn misconfigured(&self) {
        self.failed("SSL_CERT_FILE names");
    }

    #[track_caller]
    pub(crate) fn failed(&self, why: &str) {
        assert!(!self.success && self.stdout.is_empty(), "{self:#?}");
        assert!(self.stderr.contains(why), "{why:?} is not said: {self:#?}");
    }
}

/// Runs a command to its end, or to the end of everybody's patience. Its output goes to files, so
/// that it never waits for a reader.
pub(crate) fn run(command: &mut Command) -> Run {
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null());
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let status = wait(&mut command.spawn().unwrap());
    let read = |file: &mut File| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    };
    let (stdout, stderr) = (read(&mut stdout), read(&mut stderr));
    match status {
        Some(status) => Run { success: status.success(), stdout, stderr },
        None => panic!("{command:?} does not end: {stdout:?}, {stderr:?}"),
    }
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + LIMIT;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}
