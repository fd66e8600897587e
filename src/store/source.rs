//! Opens what a setting names, and says in its terms why it cannot. It may use `part`, `resolve`,
//! `defaults`, `file` and `error`.

use super::part::Part;
use super::{Skipped, SkippedKind, StoreKind, error, kind_and_words};
use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::file::Problem;
use crate::resolve::{Expects, Source};
use crate::shown;
use std::path::Path;

/// How many more of a list of which none is of use are told.
const TOLD: usize = 3;

/// Opens all of these. Of a list of directories those that do not exist, or hold nothing, are skipped as
/// long as another one is of use: that makes what is trusted less.
pub(crate) fn open_all<'a>(
    sources: impl Iterator<Item = &'a Source>,
) -> Result<(Vec<Part>, Vec<Skipped>), Error> {
    let (mut parts, mut useless, mut of_use) = (Vec::new(), Vec::new(), false);
    for source in sources {
        let is_of_a_list = source.expects() == Expects::Directory;
        match source.try_open() {
            Ok(part) => {
                parts.push(part);
                of_use |= is_of_a_list;
            }
            Err(problem @ (Problem::Missing | Problem::Nothing(_))) if is_of_a_list => {
                useless.push((source, problem));
            }
            Err(problem) => return Err(source.error(problem)),
        }
    }
    let mut skipped = Vec::new();
    let mut useless = useless.into_iter();
    while let Some((source, problem)) = useless.next() {
        if !of_use {
            return Err(source.error_of_list(problem, &mut useless));
        }
        let reason =
            format!("{}; {} names it", kind_and_words(source.path(), problem).1, source.setting());
        let (path, kind) = (source.path().to_owned(), SkippedKind::Other);
        skipped.push(Skipped { path, line: None, reason, kind });
    }
    Ok((parts, skipped))
}

impl Source {
    pub(crate) fn open(&self) -> Result<Part, Error> {
        self.try_open().map_err(|problem| self.error(problem))
    }

    pub(super) fn try_open(&self) -> Result<Part, Problem> {
        self.open_again()?.of_use()
    }

    /// The same where there may be nothing but what is rejected.
    pub(super) fn open_again(&self) -> Result<Part, Problem> {
        let opened = Part::open(self.path(), self.peers(), self.pins());
        let part = opened.map_err(|problem| self.unexpected(problem))?;
        self.expect_kind(part.kind())?;
        Ok(part.named_by(self))
    }

    fn expect_kind(&self, kind: StoreKind) -> Result<(), Problem> {
        let why = match (self.expects(), kind) {
            (Expects::File, StoreKind::Directory) => {
                "is a directory; it takes a file, directories go into SSL_CERT_DIR"
            }
            (Expects::Directory, StoreKind::File) => {
                "is a file; it takes directories, a file goes into SSL_CERT_FILE"
            }
            _ => return Ok(()),
        };
        Err(Problem::Unusable(why.to_owned()))
    }

    /// A file where directories belong, or the other way round, is that before it is anything else, such
    /// as empty.
    fn unexpected(&self, problem: Problem) -> Problem {
        let kind = match self.path() {
            path if path.is_dir() => StoreKind::Directory,
            path if path.is_file() => StoreKind::File,
            _ => return problem,
        };
        match (self.expect_kind(kind), problem) {
            // Beside another directory it still does no harm.
            (Err(Problem::Unusable(why)), Problem::Nothing(_)) => Problem::Nothing(why),
            (Err(unexpected), Problem::Unusable(_)) => unexpected,
            (_, problem) => problem,
        }
    }

    /// Names the setting, the path and the next step.
    pub(super) fn error(&self, problem: Problem) -> Error {
        let (kind, what) = kind_and_words(self.path(), problem);
        self.error_in_words(kind, &what)
    }

    /// The same for the first of a list, with the others of it.
    fn error_of_list(
        &self,
        problem: Problem,
        others: &mut dyn ExactSizeIterator<Item = (&Self, Problem)>,
    ) -> Error {
        let (kind, mut what) = kind_and_words(self.path(), problem);
        let more = others.len().saturating_sub(TOLD);
        for (other, problem) in others.take(TOLD) {
            let (_, why) = kind_and_words(other.path(), problem);
            what += &format!("; {}, which {why}", shown::path(other.path()));
        }
        if more > 0 {
            what += &format!("; and {more} more");
        }
        self.error_in_words(kind, &what)
    }

    fn error_in_words(&self, kind: ErrorKind, what: &str) -> Error {
        let (setting, path) = (self.named(), shown::path(self.path()));
        let message = match self.origin().next_step() {
            Some(step) => format!("{setting} names {path}, which {what}; {step}"),
            None => self.advice(kind, what),
        };
        error(kind, self.path(), message).with_setting(self.setting())
    }

    /// For a store that the user has not named: which one was expected, which package provides it,
    /// and where there is another, which is never used by itself.
    fn advice(&self, kind: ErrorKind, what: &str) -> String {
        let path = self.path();
        let is_missing = kind == ErrorKind::StoreMissing;
        let link = if is_missing && path.is_symlink() { "correct the link, " } else { "" };
        let again = if is_missing && link.is_empty() { "" } else { " again" };
        let install = match defaults::CACERTS_PACKAGE {
            Some(package) => format!("{link}install the package {package}{again}"),
            None => format!("{link}put a store there{again}"),
        };
        let elsewhere = defaults::CACERTS_SEARCH_PATHS
            .iter()
            .map(Path::new)
            .find(|other| *other != path && other.is_file())
            .map(|other| {
                let other = shown::path(other);
                format!(" (there is one at {other}, which is not used unless you name it)")
            });
        format!(
            "{} {what}; it is the CA store that {} names. To mend it, {install}, or name another \
             store with {}{}",
            shown::path(path),
            self.setting(),
            self.alternatives,
            elsewhere.unwrap_or_default(),
        )
    }
}
