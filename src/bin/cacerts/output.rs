//! What the command prints: data on standard output, warnings on standard error. No terminal obeys
//! anything in it, whatever files and servers say; what goes into one line of several is made so with
//! `shown` before it comes here.

use crate::failure::Failure;
use crate::shown::{self, acts, shown};
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::Value;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Prints a line, or several.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{}", shown::lines(&text.to_string()))?)
}

/// Prints a path: byte for byte, for a program to read, unless a person does.
pub(crate) fn path(path: &Path) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return line(shown::path(path));
    }
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    bytes.push(b'\n');
    Ok(io::stdout().write_all(&bytes)?)
}

/// Prints JSON, for people to read as well: what a terminal would obey, and JSON may hold as it is, is
/// written by its number.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    line(escaped(&format!("{value:#}")))
}

/// JSON with all that acts on a terminal escaped, not only what has to be. Line ends are none of a text.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !acts(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

/// Text on its way to a terminal: what is no text, or would be obeyed, is shown and not sent. Whole
/// lines of it come from a server, so their ends and tabs are left.
pub(crate) struct Calm<W> {
    to: W,
    /// What may be the beginning of a character, or of the end of a line.
    rest: Vec<u8>,
}

impl<W: Write> Calm<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, rest: Vec::new() }
    }

    fn show(&mut self, length: usize) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.rest[..length]).replace("\r\n", "\n");
        let pieces = text.split('\t').map(shown::lines).collect::<Vec<_>>();
        self.rest.drain(..length);
        self.to.write_all(pieces.join("\t").as_bytes())
    }
}

impl<W: Write> Write for Calm<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let is_begun = |end: &[u8]| {
            end == b"\r" || std::str::from_utf8(end).is_err_and(|e| e.error_len().is_none())
        };
        let length = self.rest.len();
        let begun = (1..=3.min(length)).find(|count| is_begun(&self.rest[length - count..]));
        self.show(length - begun.unwrap_or(0))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.show(self.rest.len())?;
        self.to.flush()
    }
}

/// Says something in one line on standard error. If that cannot be written, there is nobody to be told.
pub(crate) fn message(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "cacerts: {}", shown(&text.to_string()));
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
                shown::path(&target)
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
#[cfg_attr(not(unix), allow(unused_variables, reason = "elsewhere there are no modes"))]
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

#[cfg(test)]
mod tests {
    use super::{Calm, escaped};
    use serde_json::{Value, json};
    use std::io::Write;

    #[test]
    fn a_page_is_shown_however_it_comes() {
        let page = "a\tb\r\n\u{1f600}\u{e9}\x1b[2J\u{9b}x\r\ny\rz\u{202e}\n".as_bytes();
        let page = [page, b"\xe9 \xf0\x9f"].concat();
        let expected = "a\tb\n\u{1f600}\u{e9}*1b}[2J*9b}x\ny\\rz*202e}\n\u{fffd} \u{fffd}";
        for size in 1..page.len() {
            let mut seen = Calm::new(Vec::new());
            page.chunks(size).for_each(|chunk| seen.write_all(chunk).unwrap());
            seen.flush().unwrap();
            let seen = String::from_utf8(seen.to).unwrap();
            assert_eq!(seen, expected.replace('*', "\\u{"), "in pieces of {size}");
        }
    }

    #[test]
    fn json_says_the_same_and_acts_on_nothing() {
        let text = "a\n\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{200b}\u{e0041}\u{1f600}\\u\u{e9}";
        let value = json!({ text: [text] });
        let printed = escaped(&format!("{value:#}"));
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
        let inside = r#""a\n\u001b[2J\u007f\u009b31m\u202e\u200b\udb40\udc41\u{1f600}\\u\u{e9}""#;
        let inside = inside.replace(r"\u{1f600}", "\u{1f600}").replace(r"\u{e9}", "\u{e9}");
        assert_eq!(printed, format!("{{\n  {inside}: [\n    {inside}\n  ]\n}}"));
    }
}
