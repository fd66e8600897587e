//! One file or directory of a store. It may use `bundle`, `directory`, `whole`, `distrust`, `file`,
//! `resolve` and `error`.

use super::bundle::{self, Bundle};
use super::directory::{self, Directory, Hashed, States};
use super::distrust::Distrusted;
use super::whole::Whole;
use super::{Skipped, StoreKind, error, path_error};
use crate::error::{Error, ErrorKind};
use crate::file::{self, Content, Problem, State};
use crate::resolve::{Peers, Source};
use crate::shown;
use rustls::pki_types::CertificateDer;
use std::io;
use std::path::{Path, PathBuf};

/// A file or directory, as it was when it was opened.
pub(crate) struct Part {
    path: PathBuf,
    /// What named it, if anything did.
    source: Option<Source>,
    /// Whom it verifies.
    peers: Peers,
    /// Whether a server whose own certificate is in it is trusted.
    pins: bool,
    anchors: Anchors,
    states: States,
}

/// Where its trust anchors are.
enum Anchors {
    Bundle(Bundle),
    Hashed(Hashed),
    /// Read by the careful reader from beginning to end.
    Whole(StoreKind, Whole),
    /// It was removed, and what it held does not count any more, but for what is known that it rejects:
    /// what to say of it.
    Gone(StoreKind, Error, Vec<Distrusted>),
}

/// Why what is at a part's path now cannot take its place.
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// Whether it was removed: there is nothing at the path, or nothing in it.
    pub(crate) is_gone: bool,
}

/// How a file was read.
#[derive(PartialEq)]
enum Text {
    /// No more than its beginning.
    Ordinary,
    Other(Vec<u8>),
}

impl Part {
    /// Opens what is at a path. There may be nothing in it but what is rejected, which is of use for who has
    /// trusted that; see [`of_use`](Self::of_use). With `pins`, a server whose own certificate is
    /// in it is trusted.
    pub(crate) fn open(path: &Path, peers: Peers, pins: bool) -> Result<Self, Problem> {
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
                        Anchors::Whole(StoreKind::File, read(path, &bytes, peers, pins)?)
                    }
                };
                (anchors, states)
            }
            Content::Directory => {
                let mut states = vec![(path.to_owned(), Some(State::at(path)?))];
                let anchors = match directory::open(path, peers, pins)? {
                    Directory::Hashed(hashed) => Anchors::Hashed(hashed),
                    Directory::Plain(whole, files) => {
                        states.extend(files);
                        Anchors::Whole(StoreKind::Directory, whole)
                    }
                };
                (anchors, states)
            }
        };
        Ok(Self { path: path.to_owned(), source: None, peers, pins, anchors, states })
    }

    /// The same, if it does not reject all that it holds, as far as it is read.
    pub(crate) fn of_use(self) -> Result<Self, Problem> {
        match &self.anchors {
            Anchors::Whole(_, whole) if !whole.is_of_use(self.pins) => {
                Err(Problem::Unusable(whole.why_empty().unwrap_or_default()))
            }
            _ => Ok(self),
        }
    }

    /// Whether it is known that nobody is trusted by it, because it rejects what it holds.
    pub(crate) fn rejects_all(&self) -> bool {
        matches!(&self.anchors, Anchors::Whole(_, whole) if !whole.is_of_use(self.pins))
    }

    /// Remembers what named it.
    pub(crate) fn named_by(self, source: &Source) -> Self {
        Self { source: Some(source.clone()), ..self }
    }

    /// The same, read from beginning to end, for a program that opens no file later.
    ///
    /// # Errors
    ///
    /// A file was overwritten since it was opened, and nothing of it is left, or one cannot be read any more.
    pub(crate) fn held(&self) -> Result<Self, Error> {
        let mut whole = Whole::new(self.peers);
        self.read(&mut whole);
        whole.intact(&self.path).map_err(|problem| self.error(problem))?;
        if !whole.is_of_use(self.pins) && whole.distrusted.is_empty() {
            let overwritten = || "was overwritten while it was read; try again".to_owned();
            let why = whole.why_empty().unwrap_or_else(overwritten);
            return Err(path_error(&self.path, Problem::Unusable(why)));
        }
        Ok(Self {
            path: self.path.clone(),
            source: self.source.clone(),
            peers: self.peers,
            pins: self.pins,
            anchors: Anchors::Whole(self.kind(), whole),
            states: States::new(),
        })
    }

    /// What is at its path now.
    pub(crate) fn open_again(&self) -> Result<Self, Refused> {
        let opened = match &self.source {
            Some(source) => source.open_again(),
            None => Self::open(&self.path, self.peers, self.pins),
        };
        opened.map_err(|problem| {
            let is_gone = matches!(problem, Problem::Missing | Problem::Nothing(_));
            Refused { error: self.error(problem), is_gone }
        })
    }

    /// What is wrong with it, in terms of what named it.
    pub(crate) fn error(&self, problem: Problem) -> Error {
        match &self.source {
            Some(source) => source.error(problem),
            None => path_error(&self.path, problem),
        }
    }

    /// The same without what it held, until there is something at its path again.
    pub(crate) fn gone(&self, why: &Error) -> Self {
        let distrusted = match &self.anchors {
            Anchors::Hashed(hashed) => hashed.known_distrusted(),
            _ => self.known_distrusted().to_vec(),
        };
        Self {
            path: self.path.clone(),
            source: self.source.clone(),
            peers: self.peers,
            pins: self.pins,
            anchors: Anchors::Gone(self.kind(), why.clone(), distrusted),
            states: States::new(),
        }
    }

    /// What it rejects, but for what a directory with hashed names has, which is looked for by
    /// [`find`](Self::find). An error means the same as that of `find`.
    pub(super) fn distrusted(&self) -> io::Result<&[Distrusted]> {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.distrusted(&self.path).map_err(|e| self.unknown(&e)),
            _ => Ok(self.known_distrusted()),
        }
    }

    fn known_distrusted(&self) -> &[Distrusted] {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.known_distrusted(),
            Anchors::Hashed(_) => &[],
            Anchors::Whole(_, whole) => &whole.distrusted,
            Anchors::Gone(_, _, distrusted) => distrusted,
        }
    }

    fn unknown(&self, e: &io::Error) -> io::Error {
        let path = shown::path(&self.path);
        let message = format!("cannot look for an issuer in {path} any more: {e}");
        let error = error(ErrorKind::StoreInvalid, &self.path, message);
        io::Error::other(match self.source.as_ref().map(Source::setting) {
            Some(setting) => error.with_setting(setting),
            None => error,
        })
    }

    /// Whether certificates have to be looked for in it by their names, also those that it rejects.
    pub(super) fn is_hashed(&self) -> bool {
        matches!(&self.anchors, Anchors::Hashed(_))
    }

    /// What to say of it if it is gone.
    pub(crate) fn why_gone(&self) -> Option<&Error> {
        match &self.anchors {
            Anchors::Gone(_, why, _) => Some(why),
            _ => None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn peers(&self) -> Peers {
        self.peers
    }

    /// Whether a server whose own certificate is in it is trusted.
    pub(super) fn pins(&self) -> bool {
        self.pins
    }

    pub(crate) fn kind(&self) -> StoreKind {
        match &self.anchors {
            Anchors::Bundle(_) => StoreKind::File,
            Anchors::Hashed(_) => StoreKind::Directory,
            Anchors::Whole(kind, _) | Anchors::Gone(kind, ..) => *kind,
        }
    }

    /// A certificate with one of these subjects, where a quick way leads to one. An error means the same
    /// as that of [`find`](Self::find).
    pub(super) fn seek(&self, subjects: &[&[u8]]) -> io::Result<Option<CertificateDer<'static>>> {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.seek(subjects),
            Anchors::Hashed(_) | Anchors::Whole(..) | Anchors::Gone(..) => Ok(None),
        }
    }

    /// Adds the certificates with this subject, and says whether these are all as long as the files do
    /// not change; of a directory with hashed names also those that are rejected. An error means that it is
    /// not known what is in a file: it was overwritten, or cannot be read at the moment.
    pub(crate) fn find(&self, subject: &[u8], found: &mut Whole) -> io::Result<bool> {
        match &self.anchors {
            Anchors::Bundle(bundle) => {
                bundle.find(&self.path, subject, found).map_err(|e| self.unknown(&e))?;
            }
            Anchors::Hashed(hashed) => {
                let all = hashed.find(&self.path, subject, found);
                return all.map_err(|e| self.unknown(&e));
            }
            Anchors::Whole(_, whole) => found.add_all(whole.find(subject).cloned()),
            Anchors::Gone(..) => {}
        }
        Ok(true)
    }

    /// Adds everything, and what has to be skipped.
    pub(crate) fn read(&self, whole: &mut Whole) {
        match &self.anchors {
            Anchors::Bundle(bundle) => bundle.read(&self.path, whole),
            Anchors::Hashed(_) => Hashed::read(&self.path, whole),
            Anchors::Whole(_, own) => whole.append(own),
            Anchors::Gone(_, why, distrusted) => {
                whole.skip(&self.path, None, why.to_string());
                whole.distrusted.extend_from_slice(distrusted);
            }
        }
    }

    /// Whether it is a bundle that has not been read from beginning to end.
    pub(crate) fn is_unread_bundle(&self) -> bool {
        matches!(&self.anchors, Anchors::Bundle(bundle) if !bundle.is_read())
    }

    /// What had to be skipped in what was read from beginning to end.
    pub(crate) fn skipped(&self) -> &[Skipped] {
        match &self.anchors {
            Anchors::Whole(_, whole) => &whole.skipped,
            Anchors::Bundle(_) | Anchors::Hashed(_) | Anchors::Gone(..) => &[],
        }
    }

    /// The certificates of what was read from beginning to end.
    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        match &self.anchors {
            Anchors::Whole(_, whole) => &whole.certificates,
            Anchors::Bundle(_) | Anchors::Hashed(_) | Anchors::Gone(..) => &[],
        }
    }

    /// What is still trusted if the files are of no use now.
    pub(crate) fn what_is_left(&self) -> &'static str {
        match &self.anchors {
            Anchors::Bundle(bundle) if bundle.is_lost() => {
                "it was overwritten, and only what was used before is still trusted"
            }
            Anchors::Hashed(_) => "only what was used before is still trusted",
            Anchors::Bundle(_) | Anchors::Whole(..) => "what it held before is still trusted",
            Anchors::Gone(..) => "nothing of it is trusted any more",
        }
    }

    /// Of how many files it is remembered how they were.
    pub(crate) fn files(&self) -> usize {
        let used = match &self.anchors {
            Anchors::Hashed(hashed) => hashed.used().len(),
            Anchors::Bundle(_) | Anchors::Whole(..) | Anchors::Gone(..) => 0,
        };
        self.states.len() + used
    }

    /// Whether the files are as they were. A bundle that is as it was is kept in memory from then on: a
    /// program that looks twice runs for long, and the file may be written to.
    pub(crate) fn is_unchanged(&self) -> bool {
        let (text, used) = match &self.anchors {
            Anchors::Bundle(bundle) => (bundle.text_to_keep(), States::new()),
            Anchors::Hashed(hashed) => (None, hashed.used()),
            Anchors::Whole(..) => (None, States::new()),
            // A store may come back without a change that can be seen at its path alone.
            Anchors::Gone(..) => return false,
        };
        let as_before = |(path, state): &(PathBuf, _)| State::at(path).ok() == *state;
        let is_unchanged = self.states.iter().all(as_before) && used.iter().all(as_before);
        if let (true, Anchors::Bundle(bundle), Some(text)) = (is_unchanged, &self.anchors, text) {
            bundle.keep(text);
        }
        is_unchanged
    }
}

fn read(path: &Path, bytes: &[u8], peers: Peers, pins: bool) -> Result<Whole, Problem> {
    let mut whole = Whole::new(peers);
    match whole.read(path, bytes, &mut Whole::add) {
        Ok(()) if whole.is_of_use(pins) || !whole.distrusted.is_empty() => Ok(whole),
        Ok(()) => Err(Problem::Unusable(whole.why_empty().unwrap_or_default())),
        Err(format) if format.is_nothing() => Err(Problem::Nothing(format.to_string())),
        Err(format) => Err(Problem::Unusable(format.to_string())),
    }
}
