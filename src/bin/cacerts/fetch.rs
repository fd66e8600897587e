//! `get`: a verified request.

use crate::failure::Failure;
use crate::output;
use crate::shown;
use cacerts::{Client, Response, Settings};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

pub(crate) fn get(settings: Settings, url: &str, to: Option<&Path>) -> Result<(), Failure> {
    let mut response = Client::new(settings).get(url)?;
    if !(200..300).contains(&response.status()) {
        let (server, status) = (response.server(), response.status_text());
        return Err(Failure::no(format_args!("{server} answers {status}")));
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
/// as it was. A link is followed; a device, say, is written to directly.
fn save(response: &mut Response, path: &Path) -> Result<(), Failure> {
    let cannot =
        |e: io::Error| Failure::usage(format_args!("{} cannot be written: {e}", shown::path(path)));
    if path.exists() && !path.is_file() {
        return copy(response, &mut File::create(path).map_err(cannot)?, cannot);
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
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
            Err(e) => return Err(Failure::no(e)),
        }
    }
}
