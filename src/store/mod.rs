//! Files and directories to trust anchors, and to what they reject. The only stage that reads trust files;
//! it may use `read`, `resolve`, `file`, `shown` and `error`.
//!
//! ```text
//! source        opens what a setting names
//!  -> part        a file or a directory that was opened
//!  -> bundle      the file, looked into for the chain that a server sends
//!  -> directory   the other, in which a chain's CAs are found by hash
//!  -> entry       one of its files
//!  -> whole       all certificates of any of these, for who has to look at everything
//!  -> distrust    whom they reject
//! snapshot      the parts together, as they were at one time: what `verify` goes by
//!  -> anchors     those of one subject, as they are remembered
//! ```

mod anchors;
mod bundle;
pub(crate) mod directory;
pub(crate) mod distrust;
mod entry;
pub(crate) mod part;
pub(crate) mod snapshot;
pub(crate) mod source;
mod whole;

pub use distrust::Distrusted;

use crate::error::{Error, ErrorKind};
use crate::file::Problem;
use crate::shown::{self, shown};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// What a store is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StoreKind {
    /// A directory of PEM files.
    Directory,
    /// A PEM file.
    File,
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Directory => "directory",
            Self::File => "file",
        })
    }
}

/// Something that claims to be a certificate, and was not loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// The line on which the block begins, from 1; `None` where the whole file was skipped.
    pub line: Option<usize>,
    /// Why, as the end of a sentence.
    pub reason: String,
    /// Of what kind the reason is.
    pub kind: SkippedKind,
}

/// Why something was skipped, as far as a program may want to know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SkippedKind {
    /// It is a link that leads nowhere.
    DeadLink,
    /// It is in a directory with hashed names, and its file is not named by its hash and the next number:
    /// nothing else is known to be wrong with it.
    Misplaced,
    /// Anything else, which the reason tells.
    Other,
}

/// Why something is skipped, and of what kind that is.
#[derive(Debug)]
pub(crate) struct Reason {
    kind: SkippedKind,
    words: String,
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self { kind: SkippedKind::Other, words }
    }
}

impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl Skipped {
    /// As it is logged.
    pub(crate) fn told(&self) -> String {
        format!("skipped in the trust store: {self}")
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", shown::path(&self.path), shown(&self.reason)),
            None => write!(f, "{}: {}", shown::path(&self.path), shown(&self.reason)),
        }
    }
}

fn error(kind: ErrorKind, path: &Path, message: String) -> Error {
    Error::new(kind, message).with_path(path)
}

/// What is wrong with a path that no setting has named.
pub(crate) fn path_error(path: &Path, problem: Problem) -> Error {
    let (kind, what) = kind_and_words(path, problem);
    error(kind, path, format!("{} {what}", shown::path(path)))
}

/// The kind of a problem, and the problem as the end of a sentence that begins with the path.
fn kind_and_words(path: &Path, problem: Problem) -> (ErrorKind, String) {
    match problem {
        Problem::Missing => (ErrorKind::StoreMissing, missing(path)),
        Problem::Nothing(why) | Problem::Unusable(why) | Problem::Failed(why) => {
            (ErrorKind::StoreInvalid, why)
        }
    }
}

/// What is to be said of a path at which there is nothing. A link that leads nowhere is there, and to
/// install what it should lead to is no help.
fn missing(path: &Path) -> String {
    let mut end = path.to_owned();
    // The file system follows so many at most.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&end) else { break };
        end = end.parent().unwrap_or_else(|| Path::new("")).join(target);
    }
    if end == path {
        return "does not exist".to_owned();
    }
    format!("is a link to {}, where there is nothing", shown::path(&end))
}
