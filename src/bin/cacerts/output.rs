//! What the command prints: data on standard output, warnings on standard error.

use crate::failure::Failure;
use log::{LevelFilter, Log, Metadata, Record};
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// Prints one line.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Prints a path byte for byte.
pub(crate) fn path(path: &Path) -> Result<(), Failure> {
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    bytes.push(b'\n');
    Ok(std::io::stdout().write_all(&bytes)?)
}

/// Prints JSON, for people to read as well.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    line(format_args!("{value:#}"))
}

/// Shows the library's warnings.
pub(crate) fn log_warnings() {
    struct Warnings;

    impl Log for Warnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target().starts_with("cacerts")
        }

        fn log(&self, record: &Record<'_>) {
            if self.enabled(record.metadata()) {
                eprintln!("cacerts: warning: {}", record.args());
            }
        }

        fn flush(&self) {}
    }

    log::set_max_level(LevelFilter::Warn);
    log::set_logger(&Warnings).expect("it is set once");
}
