//! `get`: a verified request.

use crate::failure::Failure;
use cacerts::{Client, Response, Settings};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub(crate) fn get(settings: Settings, url: &str, output: Option<&Path>) -> Result<(), Failure> {
    let mut response = Client::new(settings).get(url)?;
    if !(200..300).contains(&response.status()) {
        return Err(Failure::no(format_args!("{url}: {}", response.status_text())));
    }
    match output {
        None => copy(&mut response, &mut io::stdout(), Failure::from),
        Some(path) => save(&mut response, path),
    }
}

/// Writes beside the file and renames at the end, so that a broken connection leaves the old file
/// as it was. A device, say, is written to directly.
fn save(response: &mut Response, path: &Path) -> Result<(), Failure> {
    let cannot =
        |e: io::Error| Failure::usage(format_args!("{} cannot be written: {e}", path.display()));
    if path.exists() && !path.is_file() {
        return copy(response, &mut File::create(path).map_err(cannot)?, cannot);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = File::create(&part)
        .map_err(cannot)
        .and_then(|mut file| copy(response, &mut file, cannot))
        .and_then(|()| fs::rename(&part, path).map_err(cannot));
    if written.is_err() {
        // What matters has been said; what is left of the part does not.
        let _ = fs::remove_file(&part);
    }
    written
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
