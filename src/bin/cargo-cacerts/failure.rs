//! Why the command ends without success: the message, and which exit status it is worth.

use crate::shown;
use std::fmt::Display;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitCode, ExitStatus};

/// The end of a run that was no success.
pub(crate) enum Failure {
    /// Wrong usage or configuration.
    Usage(String),
    /// The program would trust, or trusts, something else than what was decided.
    Left(String),
    /// cargo, or what it was asked to start, has ended so and has said why.
    Child(ExitStatus),
    /// A signal while nothing ran that could have died of it.
    Signal(i32),
}

impl Failure {
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::Usage(message.to_string())
    }

    pub(crate) fn left(message: impl Display) -> Self {
        Self::Left(message.to_string())
    }

    /// Something about a file that did not work.
    pub(crate) fn file(path: &Path, what: &str, error: impl Display) -> Self {
        Self::Usage(format!("{}: {what}: {error}", shown::path(path)))
    }

    /// Says it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Usage(text) => {
                message(format_args!("error: {text}"));
                ExitCode::from(2)
            }
            Self::Left(text) => {
                message(format_args!("error: {text}"));
                ExitCode::from(1)
            }
            Self::Child(status) => exit_as(status),
            Self::Signal(signal) => exit_as(ExitStatus::from_raw(signal)),
        }
    }
}

/// Says something on standard error. If that cannot be written, there is nobody to be told.
pub(crate) fn message(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "cargo cacerts: {}", shown::lines(&text.to_string()));
}

/// Ends as the child did: with its status, or by the signal that has ended it.
pub(crate) fn exit_as(status: ExitStatus) -> ExitCode {
    if let Some(signal) = status.signal() {
        // It does not return where the signal ends a process.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        return ExitCode::from(128_u8.saturating_add(signal.try_into().unwrap_or(127)));
    }
    ExitCode::from(status.code().and_then(|code| code.try_into().ok()).unwrap_or(1))
}
