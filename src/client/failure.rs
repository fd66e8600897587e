//! What went wrong on a connection, in our own words and kinds. What rustls says is put into words by
//! `tls`.

use crate::error::{Error, ErrorKind};
use crate::tls::failure::explain_tls;
use std::io;
use ureq::Timeout;

/// What to look at where nobody answers.
const SILENT: &str = "are its address and port right, and is there no firewall in between?";
/// Where it was connected to, and is the one that was meant.
const SLOW: &str =
    "is reached, and did not answer in time; it may have too much to do: try again later";

/// Finds the cause in what ureq says.
pub(super) fn explain(error: ureq::Error, server: &str) -> Error {
    let connection = |what: String| Error::new(ErrorKind::Connection, format!("{server} {what}"));
    let http = |what: String| Error::new(ErrorKind::Http, format!("{server} {what}"));
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => connection(format!("cannot be reached: {other}")),
        },
        ureq::Error::Io(e) => explain_io(e, server),
        // These limits are not the caller's, and which of them is over first is chance.
        ureq::Error::Timeout(
            Timeout::SendRequest | Timeout::SendBody | Timeout::RecvResponse | Timeout::RecvBody,
        ) => connection(SLOW.to_owned()),
        ureq::Error::Timeout(which) => {
            connection(format!("did not answer in time (limit: {which}); {SILENT}"))
        }
        ureq::Error::ConnectionFailed => connection("cannot be reached".to_owned()),
        ureq::Error::Protocol(e) => http(format!(
            "gave no answer that can be used ({e}); is the port right, and which of http and https it is?"
        )),
        other => http(format!("gave no answer that can be used: {other}")),
    }
}

/// Why nobody can be connected to: the name is not found.
pub(super) fn lookup(error: ureq::Error, whose: &str, kind: ErrorKind) -> Error {
    let why = match error {
        ureq::Error::Io(e) => {
            let text = e.to_string();
            // What the standard library says before it.
            let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
            format!(": {text}")
        }
        ureq::Error::Timeout(_) => " in time".to_owned(),
        _ => String::new(),
    };
    Error::new(
        kind,
        format!(
            "the name of {whose} cannot be looked up{why}; is it spelled right, and is this machine online?"
        ),
    )
}

fn explain_io(error: io::Error, server: &str) -> Error {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return explain_tls(tls, server);
    }
    let what = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "refuses the connection: is it running, and is the port right?".to_owned()
        }
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::UnexpectedEof => {
            "broke off the connection; is the port right, and which of http and https it is? It may \
             also speak no TLS from version 1.2 on, or refuse this client"
                .to_owned()
        }
        // Of connecting ureq tells itself.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            SLOW.to_owned()
        }
        _ => {
            // What ureq or we ourselves had put into an I/O error on its way through a reader.
            let text = error.to_string();
            return match error.into_inner().map(|inner| inner.downcast::<ureq::Error>()) {
                Some(Ok(inner)) => explain(*inner, server),
                _ => Error::new(
                    ErrorKind::Connection,
                    format!("the connection to {server} failed: {text}"),
                ),
            };
        }
    };
    Error::new(ErrorKind::Connection, format!("{server} {what}"))
}
