//! Why the command ends without success: the message, and which exit status it is worth. It prints nothing.

use cacerts::{Error, ErrorKind};
use std::fmt::Display;
use std::io;

/// The end of a run that was no success.
pub(crate) enum Failure {
    /// The answer is no; the message says to what. Without a message everything is said.
    No(Option<String>),
    /// There is no answer: what was asked was not reached. As with [`No`](Self::No), there may be a
    /// message.
    NoAnswer(Option<String>),
    /// Wrong usage or configuration; the message may have been given already.
    Usage(Option<String>),
    /// Whoever reads the output has gone away, which is nobody's fault.
    Closed,
}

impl Failure {
    pub(crate) fn no(message: impl Display) -> Self {
        Self::No(Some(message.to_string()))
    }

    pub(crate) fn usage(message: impl Display) -> Self {
        Self::Usage(Some(message.to_string()))
    }

    /// The same, where everything is said.
    pub(crate) fn said(self) -> Self {
        match self {
            Self::No(_) => Self::No(None),
            Self::NoAnswer(_) => Self::NoAnswer(None),
            Self::Usage(_) => Self::Usage(None),
            Self::Closed => Self::Closed,
        }
    }

    /// What there is to be said.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::No(message) | Self::NoAnswer(message) | Self::Usage(message) => {
                message.as_deref()
            }
            Self::Closed => None,
        }
    }

    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::No(_) => 1,
            Self::Usage(_) => 2,
            Self::NoAnswer(_) => 3,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        use rustls::Error::{AlertReceived, PeerIncompatible};
        // What is built in is not this user's configuration.
        let by_user = error.setting().is_some_and(|setting| !setting.starts_with("CACERTS_"));
        match error.kind() {
            ErrorKind::InvalidAddress | ErrorKind::InvalidSetting | ErrorKind::NoProvider => {
                Self::usage(error)
            }
            // That there is nothing in common is an answer.
            ErrorKind::Connection
                if matches!(error.tls(), Some(AlertReceived(_) | PeerIncompatible(_))) =>
            {
                Self::no(error)
            }
            ErrorKind::Connection | ErrorKind::Proxy => Self::NoAnswer(Some(error.to_string())),
            ErrorKind::ClientCertificate | ErrorKind::StoreInvalid | ErrorKind::StoreMissing
                if by_user =>
            {
                Self::usage(error)
            }
            _ => Self::no(error),
        }
    }
}

/// For writing to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::no(format_args!("standard output cannot be written: {error}")),
        }
    }
}
