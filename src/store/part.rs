//! One file or directory of a store. It may use `bundle`, `directory`, `whole`, `file` and
//! `resolve`.

use super::bundle::{self, Bundle};
use super::directory::{self, Directory, Hashed, States};
use super::whole::Whole;
use super::{StoreKind, path_error};
use crate::error::Error;
use crate::file::{self, Content, Problem, State};
use crate::resolve::Source;
use rustls::pki_types::CertificateDer;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

/// A file or directory, as it was when it was opened.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    /// What named it, if anything did.
    source: Option<Source>,
    anchors: Anchors,
    states: States,
}

/// Where its trust anchors are.
#[derive(Debug)]
enum Anchors {
    Bundle(Bundle),
    Hashed(Hashed),
    /// Read by the careful reader from beginning to end.
    Whole(StoreKind, Whole),
}

/// How a file was read.
enum Text {
    Ordinary(Vec<super::index::Entry>),
    Other(Vec<u8>),
}

impl Part {
    pub(super) fn open(path: &Path) -> Result<Self, Problem> {
        let content = file::read_with(path, |file, size| {
            if let Some(entries) = bundle::index(file)? {
                return Ok(Text::Ordinary(entries));
            }
            file.rewind()?;
            Ok(Text::Other(file::whole(file, size)?))
        })?;
        let (anchors, states) = match content {
            Content::File((text, file, state)) => {
                let states = vec![(path.to_owned(), state.clone())];
                let anchors = match text {
                    Text::Ordinary(entries) => Anchors::Bundle(Bundle::new(entries, file, state)),
                    Text::Other(bytes) => Anchors::Whole(StoreKind::File, read(path, &bytes)?),
                };
                (anchors, states)
            }
            Content::Directory => {
                let mut states = vec![(path.to_owned(), State::at(path)?)];
                let anchors = match directory::open(path)? {
                    Directory::Hashed(hashed) => Anchors::Hashed(hashed),
                    Directory::Plain(whole, files) => {
                        states.extend(files);
                        Anchors::Whole(StoreKind::Directory, whole)
                    }
                };
                (anchors, states)
            }
        };
        Ok(Self { path: path.to_owned(), source: None, anchors, states })
    }

    /// Remembers what named it.
    pub(super) fn named_by(self, source: &Source) -> Self {
        Self { source: Some(source.clone()), ..self }
    }

    /// What is at its path now.
    pub(super) fn open_again(&self) -> Result<Self, Error> {
        match &self.source {
            Some(source) => source.open(),
            None => Self::open(&self.path).map_err(|problem| path_error(&self.path, problem)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn kind(&self) -> StoreKind {
        match &self.anchors {
            Anchors::Bundle(_) => StoreKind::File,
            Anchors::Hashed(_) => StoreKind::Directory,
            Anchors::Whole(kind, _) => *kind,
        }
    }

    /// Adds the certificates with this subject. An error means that the file was overwritten, and
    /// that it is no longer known what was in it.
    pub(super) fn find(
        &self,
        subject: &[u8],
        found: &mut Vec<CertificateDer<'static>>,
    ) -> io::Result<()> {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.find(subject, found).map_err(|e| {
                let path = self.path.display();
                io::Error::new(
                    e.kind(),
                    format!("cannot look for an issuer in {path} any more: {e}"),
                )
            })?,
            Anchors::Hashed(hashed) => hashed.find(&self.path, subject, found),
            Anchors::Whole(_, whole) => found.extend(whole.find(subject).cloned()),
        }
        Ok(())
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(&self, whole: &mut Whole) {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.read(&self.path, whole),
            Anchors::Hashed(_) => Hashed::read(&self.path, whole),
            Anchors::Whole(_, own) => whole.append(own),
        }
    }

    /// What has been read from beginning to end already.
    pub(super) fn whole(&self) -> Option<&Whole> {
        match &self.anchors {
            Anchors::Whole(_, whole) => Some(whole),
            Anchors::Bundle(_) | Anchors::Hashed(_) => None,
        }
    }

    /// All of a bundle that has not been read from beginning to end.
    pub(super) fn read_bundle(&self) -> Option<Whole> {
        let mut whole = Whole::new();
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.read(&self.path, &mut whole),
            Anchors::Hashed(_) | Anchors::Whole(..) => return None,
        }
        Some(whole)
    }

    /// Whether the files are as they were; if not, how they are now. A bundle that is as it was is
    /// kept in memory from then on: a program that looks twice runs for long, and the file may be
    /// written to.
    pub(super) fn changed(&self) -> Option<Vec<Option<State>>> {
        let (text, used) = match &self.anchors {
            Anchors::Bundle(bundle) => (bundle.text_to_keep(), States::new()),
            Anchors::Hashed(hashed) => (None, hashed.used()),
            Anchors::Whole(..) => (None, States::new()),
        };
        let states = || self.states.iter().chain(&used);
        let now: Vec<_> = states().map(|(path, _)| State::at(path).ok()).collect();
        if !now.iter().map(Option::as_ref).eq(states().map(|(_, state)| Some(state))) {
            return Some(now);
        }
        if let (Anchors::Bundle(bundle), Some(text)) = (&self.anchors, text) {
            bundle.keep(text);
        }
        None
    }
}

fn read(path: &Path, bytes: &[u8]) -> Result<Whole, Problem> {
    let mut whole = Whole::new();
    match whole.read(path, bytes, &mut Whole::add) {
        Ok(()) if !whole.certificates.is_empty() => Ok(whole),
        Ok(()) => Err(Problem::Unusable(whole.why_empty().unwrap_or_default())),
        Err(format) => Err(Problem::Unusable(format.to_string())),
    }
}
