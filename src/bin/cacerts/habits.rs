//! What people type who are used to curl, and what does the same here. It uses clap's errors alone.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// Options of curl, and a hint for each; those that are the same here are not among them.
const HABITS: [(&[&str], &str); 10] = [
    (
        &["-s", "-S", "-f", "-L", "--silent", "--show-error", "--fail", "--location"],
        "leave it out: `get` shows no progress, fails unless the answer is a success, and follows redirects",
    ),
    (&["-O", "--remote-name"], "name the file with `get -o FILE URL`"),
    (
        &["-I", "-i", "--head", "--include"],
        "headers are not shown; `check` tells of a server and its certificates",
    ),
    (
        &["-x", "--proxy"],
        "set https_proxy to http://HOST:PORT, or http_proxy for addresses with http://",
    ),
    (&["--noproxy"], "set no_proxy to the hosts"),
    (&["--capath"], "--ca-certs takes a directory, too"),
    (&["-E"], "use --cert FILE and --key FILE"),
    (&["--tlsv1.2", "--tlsv1.3"], "use --tls-min 1.2 or --tls-min 1.3"),
    (&["--resolve", "--connect-to"], "`check` has --connect HOST:PORT, and `get` nothing like it"),
    (
        &["-X", "-d", "-H", "--request", "--data", "--header"],
        "`get` asks for a page, and sends neither data nor headers that are named",
    ),
];

const ADDRESS: &str = "an address needs a command: `cacerts get URL` for the page, `cacerts check URL` \
                       for the handshake";

/// What to do where something of curl's was given for a request.
pub(crate) fn hint(
    error: &clap::Error,
    arguments: impl Iterator<Item = OsString>,
) -> Option<String> {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(given)) => given.as_str(),
        _ => "",
    };
    match error.kind() {
        // It may hold a password.
        ErrorKind::InvalidSubcommand => {
            given(ContextKind::InvalidSubcommand).contains("://").then(|| ADDRESS.to_owned())
        }
        ErrorKind::UnknownArgument if is_request(arguments) => {
            let option = given(ContextKind::InvalidArg);
            let (_, hint) = HABITS.iter().find(|(options, _)| options.contains(&option))?;
            Some(format!("{option} is curl's: {hint}"))
        }
        _ => None,
    }
}

/// What other commands do not know is no habit from curl.
fn is_request(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.any(|argument| {
        argument == "get" || argument == "check" || argument.to_string_lossy().contains("://")
    })
}
