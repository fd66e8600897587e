//! What the command prints: data on standard output, warnings on standard error.

use crate::failure::Failure;
use crate::shown::shown;
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Prints one line.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Prints a path byte for byte.
pub(crate) fn path(path: &Path) -> Result<(), Failure> {
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    bytes.push(b'\n');
    Ok(io::stdout().write_all(&bytes)?)
}

/// Prints JSON, for people to read as well: what a terminal would obey, and JSON may hold as it is, is
/// written by its number.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    let text = format!("{value:#}");
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let mut own = [0; 4];
        let own = &*c.encode_utf8(&mut own);
        if c.is_ascii() && c != '\x7f' || shown(own) == own {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    line(safe)
}

/// Says something on standard error. If that cannot be written, there is nobody to be told.
pub(crate) fn message(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "cacerts: {text}");
}

/// The file that a path leads to, which there may not be yet. A link in a directory where anybody may make
/// one, such as `/tmp`, is followed only where it is this user's or the directory's owner's: Linux has that
/// rule, too (`protected_symlinks`), where it is on, but not for what is looked at before it is opened.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        let metadata = match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_symlink() => metadata,
            Ok(_) => return Ok(target),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(e) => return Err(e),
        };
        let directory = directory(&target);
        if is_planted(&metadata, &fs::metadata(directory)?) {
            return Err(io::Error::other(format!(
                "{} is a link that another user has made where anybody can; name another file, or remove it",
                target.display()
            )));
        }
        target = directory.join(fs::read_link(&target)?);
    }
    Err(io::Error::other("it leads through too many links"))
}

#[cfg(unix)]
fn is_planted(link: &fs::Metadata, directory: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let is_ours = link.uid() == rustix::process::geteuid().as_raw();
    directory.mode() & 0o002 != 0 && !is_ours && link.uid() != directory.uid()
}

#[cfg(not(unix))]
fn is_planted(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}

/// What a file is in.
fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or_else(|| Path::new("."))
}

/// A new file in the directory of another, which is to take its place: with that one's permissions,
/// or with these where there is none yet.
pub(crate) fn beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cacerts");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    let file = builder.tempfile_in(directory(path))?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    Ok(file)
}

/// Shows what the library logs: warnings, or all of it.
pub(crate) fn log_messages(verbose: bool) {
    struct Messages;

    impl Log for Messages {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target().starts_with("cacerts")
        }

        fn log(&self, record: &Record<'_>) {
            if self.enabled(record.metadata()) {
                match record.level() {
                    Level::Error | Level::Warn => {
                        message(format_args!("warning: {}", record.args()));
                    }
                    Level::Info | Level::Debug | Level::Trace => message(record.args()),
                }
            }
        }

        fn flush(&self) {}
    }

    log::set_max_level(if verbose { LevelFilter::Debug } else { LevelFilter::Warn });
    log::set_logger(&Messages).expect("it is set once");
}
