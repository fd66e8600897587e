//! What is wrong with a maintainer's setting, in one line: where it stands, and what is allowed.

use std::fmt::{self, Display};

/// One line: the file (with its line) or the variable, then what is wrong and what is allowed.
#[derive(Debug, PartialEq)]
pub(crate) struct Error(String);

impl Error {
    pub(crate) fn new(place: impl Display, what: impl Display) -> Self {
        // Whatever a value or a path holds, the message stays one line.
        let text = format!("{place}: {what}");
        Self(text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
