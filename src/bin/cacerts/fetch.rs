//! `get`: a verified request.

use crate::failure::Failure;
use crate::output;
use crate::shown;
use cacerts::{Client, Response, Settings};
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

pub(crate) fn get(settings: Settings, url: &str, to: Option<&Path>) -> Result<(), Failure> {
    let mut response = Client::new(settings).get(url)?;
    if !(200..300).contains(&response.status()) {
        let (server, status) = (response.server(), response.status_text());
        let through = response.proxy().map(|proxy| format!(" (through the proxy {proxy})"));
        let through = through.unwrap_or_default();
        return Err(Failure::no(format_args!("{server} answers {status}{through}")));
    }
    match to {
        // A person looks at it, who has not asked the server to write on the screen.
        None if io::stdout().is_terminal() => {
            copy(&mut response, &mut output::Calm::new(io::stdout()), Failure::from)
        }
        None => copy(&mut response, &mut io::stdout(), Failure::from),
        Some(path) => save(&mut response, path),
    }
}

/// Writes beside the file and renames at the end, so that a broken connection leaves the old file
/// as it was. A link is followed, unless somebody else may have planted it; a device, say, is written to
/// directly.
fn save(response: &mut Response, path: &Path) -> Result<(), Failure> {
    let cannot =
        |e: io::Error| Failure::usage(format_args!("{} cannot be written: {e}", shown::path(path)));
    let target = output::target(path).map_err(cannot)?;
    if path.exists() && !path.is_file() {
        let mut device = OpenOptions::new().write(true).open(path).map_err(cannot)?;
        // It may be another one by now.
        if device.metadata().map_err(cannot)?.is_file() {
            return Err(cannot(io::Error::other("it changes")));
        }
        return copy(response, &mut device, cannot);
    }
    if path.exists() && !target.exists() {
        return Err(cannot(io::Error::other("it has no name any more")));
    }
    let mut new = output::beside(&target, 0o666).map_err(cannot)?;
    copy(response, &mut new, cannot)?;
    new.persist(target).map_err(|e| cannot(e.error))?;
    Ok(())
}

/// Tells a connection that fails from an output that does.
fn copy(
    response: &mut Response,
    to: &mut dyn Write,
    cannot: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match response.read(&mut buffer) {
            Ok(0) => return to.flush().map_err(cannot),
            Ok(amount) => to.write_all(&buffer[..amount]).map_err(&cannot)?,
            Err(e) => {
                return Err(match e.downcast::<cacerts::Error>() {
                    Ok(ours) => ours.into(),
                    Err(e) => Failure::no(e),
                });
            }
        }
    }
}
