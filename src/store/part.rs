//! One file or directory of a store. It may use `bundle`, `directory`, `index`, `whole`, `file`,
//! `resolve` and `error`.

use super::bundle::{self, Bundle};
use super::directory::{self, Directory, Hashed, States};
use super::whole::Whole;
use super::{Skipped, StoreKind, path_error};
use crate::error::Error;
use crate::file::{self, Content, Problem, State};
use crate::resolve::{Peers, Source};
use rustls::pki_types::CertificateDer;
use std::io;
use std::path::{Path, PathBuf};

/// A file or directory, as it was when it was opened.
pub(super) struct Part {
    path: PathBuf,
    /// What named it, if anything did.
    source: Option<Source>,
    /// Whom it verifies.
    peers: Peers,
    anchors: Anchors,
    states: States,
}

/// Where its trust anchors are.
enum Anchors {
    Bundle(Bundle),
    Hashed(Hashed),
    /// Read by the careful reader from beginning to end.
    Whole(StoreKind, Whole),
}

/// How a file was read.
enum Text {
    /// No more than its beginning.
    Ordinary,
    Other(Vec<u8>),
}

impl Part {
    pub(super) fn open(path: &Path, peers: Peers) -> Result<Self, Problem> {
        let content = file::read_with(path, |file, size| {
            let is_ordinary = bundle::begins(file, size)?;
            Ok(if is_ordinary { Text::Ordinary } else { Text::Other(file::whole(file, size)?) })
        })?;
        let (anchors, states) = match content {
            Content::File((text, file, state)) => {
                let states = vec![(path.to_owned(), Some(state.clone()))];
                let anchors = match text {
                    Text::Ordinary => Anchors::Bundle(Bundle::new(file, state, peers)),
                    Text::Other(bytes) => {
                        Anchors::Whole(StoreKind::File, read(path, &bytes, peers)?)
                    }
                };
                (anchors, states)
            }
            Content::Directory => {
                let mut states = vec![(path.to_owned(), Some(State::at(path)?))];
                let anchors = match directory::open(path, peers)? {
                    Directory::Hashed(hashed) => Anchors::Hashed(hashed),
                    Directory::Plain(whole, files) => {
                        states.extend(files);
                        Anchors::Whole(StoreKind::Directory, whole)
                    }
                };
                (anchors, states)
            }
        };
        Ok(Self { path: path.to_owned(), source: None, peers, anchors, states })
    }

    /// Remembers what named it.
    pub(super) fn named_by(self, source: &Source) -> Self {
        Self { source: Some(source.clone()), ..self }
    }

    /// What is at its path now.
    pub(super) fn open_again(&self) -> Result<Self, Error> {
        match &self.source {
            Some(source) => source.open(),
            None => Self::open(&self.path, self.peers)
                .map_err(|problem| path_error(&self.path, problem)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn peers(&self) -> Peers {
        self.peers
    }

    pub(super) fn kind(&self) -> StoreKind {
        match &self.anchors {
            Anchors::Bundle(_) => StoreKind::File,
            Anchors::Hashed(_) => StoreKind::Directory,
            Anchors::Whole(kind, _) => *kind,
        }
    }

    /// A certificate with one of these subjects, where a quick way leads to one. An error means the same
    /// as that of [`find`](Self::find).
    pub(super) fn seek(&self, subjects: &[&[u8]]) -> io::Result<Option<CertificateDer<'static>>> {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.seek(subjects),
            Anchors::Hashed(_) | Anchors::Whole(..) => Ok(None),
        }
    }

    /// Adds the certificates with this subject, and says whether these are all as long as the files do
    /// not change. An error means that the file was overwritten, and that it is no longer known what
    /// was in it.
    pub(super) fn find(
        &self,
        subject: &[u8],
        found: &mut Vec<CertificateDer<'static>>,
    ) -> io::Result<bool> {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.find(&self.path, subject, found).map_err(|e| {
                let path = self.path.display();
                io::Error::new(
                    e.kind(),
                    format!("cannot look for an issuer in {path} any more: {e}"),
                )
            })?,
            Anchors::Hashed(hashed) => return Ok(hashed.find(&self.path, subject, found)),
            Anchors::Whole(_, whole) => found.extend(whole.find(subject).cloned()),
        }
        Ok(true)
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(&self, whole: &mut Whole) {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.read(&self.path, whole),
            Anchors::Hashed(_) => Hashed::read(&self.path, whole),
            Anchors::Whole(_, own) => whole.append(own),
        }
    }

    /// Whether it is a bundle that has not been read from beginning to end.
    pub(super) fn is_unread_bundle(&self) -> bool {
        matches!(&self.anchors, Anchors::Bundle(bundle) if !bundle.is_read())
    }

    /// What had to be skipped in what was read from beginning to end.
    pub(super) fn skipped(&self) -> &[Skipped] {
        match &self.anchors {
            Anchors::Whole(_, whole) => &whole.skipped,
            Anchors::Bundle(_) | Anchors::Hashed(_) => &[],
        }
    }

    /// What is still trusted if the files are of no use now.
    pub(super) fn what_is_left(&self) -> &'static str {
        match &self.anchors {
            Anchors::Bundle(bundle) if bundle.is_lost() => {
                "it was overwritten, and only what was used before is still trusted"
            }
            Anchors::Hashed(_) => "only what was used before is still trusted",
            Anchors::Bundle(_) | Anchors::Whole(..) => "what it held before is still trusted",
        }
    }

    /// Of how many files it is remembered how they were.
    pub(super) fn files(&self) -> usize {
        let used = match &self.anchors {
            Anchors::Hashed(hashed) => hashed.used().len(),
            Anchors::Bundle(_) | Anchors::Whole(..) => 0,
        };
        self.states.len() + used
    }

    /// Whether the files are as they were. A bundle that is as it was is kept in memory from then on: a
    /// program that looks twice runs for long, and the file may be written to.
    pub(super) fn is_unchanged(&self) -> bool {
        let (text, used) = match &self.anchors {
            Anchors::Bundle(bundle) => (bundle.text_to_keep(), States::new()),
            Anchors::Hashed(hashed) => (None, hashed.used()),
            Anchors::Whole(..) => (None, States::new()),
        };
        let as_before = |(path, state): &(PathBuf, _)| State::at(path).ok() == *state;
        let is_unchanged = self.states.iter().all(as_before) && used.iter().all(as_before);
        if let (true, Anchors::Bundle(bundle), Some(text)) = (is_unchanged, &self.anchors, text) {
            bundle.keep(text);
        }
        is_unchanged
    }
}

fn read(path: &Path, bytes: &[u8], peers: Peers) -> Result<Whole, Problem> {
    let mut whole = Whole::new(peers);
    match whole.read(path, bytes, &mut Whole::add) {
        Ok(()) if !whole.certificates.is_empty() => Ok(whole),
        Ok(()) => Err(Problem::Unusable(whole.why_empty().unwrap_or_default())),
        Err(format) => Err(Problem::Unusable(format.to_string())),
    }
}
