//! A file that begins as an ordinary one, whose certificates are looked for when they are asked for. It
//! may use `read`, `whole`, `distrust`, `resolve` and `file`.

use super::distrust::Distrusted;
use super::whole::Whole;
use crate::file::{self, State};
use crate::read::index::{self, Entry, Key};
use crate::read::usable::{self, Usable};
use crate::read::{der, pem, seek};
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

/// What is known of a file that begins as an ordinary one.
pub(super) struct Bundle {
    state: State,
    /// Whom it verifies.
    peers: Peers,
    text: RwLock<Text>,
    /// Where its blocks are, once a subject has been looked for; none where it is not ordinary after
    /// all.
    index: OnceLock<Option<Vec<Entry>>>,
    /// Everything, once that is of no use: it is not ordinary, or a subject could not be told from too
    /// many others.
    whole: OnceLock<Whole>,
    /// Whether the quick way was gone. Whoever asks again will ask more often.
    sought: AtomicBool,
    /// Whether that showed that nothing in it is rejected.
    rejects_nothing: AtomicBool,
}

/// Where the blocks are.
enum Text {
    /// In the file, which stays open: one that takes its place must not be mistaken for it.
    File(File),
    Memory(Vec<u8>),
}

/// How many blocks are looked into for a subject. In a store of thousands a server could name
/// issuers for each of which it has to be hundreds.
const MOST_ALIKE: usize = 32;
/// In how much of a file its first certificate has to be.
const HEAD: usize = 4 << 10;

/// Whether a file begins as an ordinary one, with a certificate that can be an anchor; there may be
/// comments before it. What comes after it is looked at when it is asked for: nothing there can make the careful
/// reader find something else in the beginning.
pub(super) fn begins(file: &File, size: u64) -> io::Result<bool> {
    file::with_room(|head| {
        let length = file::read_some(file, 0, &mut head[..HEAD])?;
        let first = index::first_block(&head[..length], length as u64 == size);
        let certificate = first.and_then(pem::ordinary);
        let is_anchor = |der: CertificateDer<'_>| usable::check(&der) == Ok(Usable::Anchor);
        Ok(certificate.is_some_and(|result| result.is_ok_and(is_anchor)))
    })
}

impl Bundle {
    pub(super) fn new(file: File, state: State, peers: Peers) -> Self {
        let (index, whole) = (OnceLock::new(), OnceLock::new());
        let text = RwLock::new(Text::File(file));
        let (sought, rejects_nothing) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { state, peers, text, index, whole, sought, rejects_nothing }
    }

    /// A certificate with one of these subjects, if this is the first that is looked for and the quick
    /// way leads to one.
    pub(super) fn seek(&self, subjects: &[&[u8]]) -> io::Result<Option<CertificateDer<'static>>> {
        if self.sought.swap(true, Ordering::Relaxed) || self.is_read() {
            return Ok(None);
        }
        let found = match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::Memory(bytes) => seek::seek_slice(subjects, bytes),
            Text::File(file) => {
                let read = |place, room: &mut [u8]| file::read_some(file, place, room);
                self.unchanged(file, seek::seek(subjects, self.state.size(), read))?
            }
        };
        self.rejects_nothing.fetch_or(found.is_some(), Ordering::Relaxed);
        Ok(found)
    }

    /// What it rejects: nothing where it is ordinary. An error means that it was overwritten before that
    /// was known.
    pub(super) fn distrusted(&self, path: &Path) -> io::Result<&[Distrusted]> {
        if !self.is_read()
            && (self.rejects_nothing.load(Ordering::Relaxed) || self.entries()?.is_some())
        {
            return Ok(&[]);
        }
        Ok(&self.whole(path)?.distrusted)
    }

    /// The same as far as it is known.
    pub(super) fn known_distrusted(&self) -> &[Distrusted] {
        self.whole.get().map_or(&[], |whole| &whole.distrusted)
    }

    /// Adds the certificates with this subject. An error means that the file was written to, and
    /// that what was in it is no longer known.
    pub(super) fn find(&self, path: &Path, subject: &[u8], found: &mut Whole) -> io::Result<()> {
        let key = Key::of(subject);
        let is_alike = |entry: &&Entry| entry.key == key;
        let entries = if self.is_read() { None } else { self.entries()? };
        let few = |entries: &&[Entry]| entries.iter().filter(is_alike).nth(MOST_ALIKE).is_none();
        let Some(entries) = entries.filter(few) else {
            found.add_all(self.whole(path)?.find(subject).cloned());
            return Ok(());
        };
        for entry in entries.iter().filter(is_alike) {
            let certificate = pem::ordinary(&self.block(*entry)?).ok_or_else(overwritten)?;
            let has_it = |der: &CertificateDer<'_>| {
                der::names_in(der).is_some_and(|names| der[names.subject] == *subject)
            };
            found.add_all(certificate.ok().filter(has_it));
        }
        Ok(())
    }

    /// Where the blocks are, if the file is ordinary from beginning to end.
    fn entries(&self) -> io::Result<Option<&[Entry]>> {
        if let Some(entries) = self.index.get() {
            return Ok(entries.as_deref());
        }
        let entries = match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::Memory(bytes) => index::index_slice(bytes),
            Text::File(file) => {
                let read = |place, room: &mut [u8]| file::read_some(file, place, room);
                self.unchanged(file, index::index(self.state.size(), read))?
            }
        };
        Ok(self.index.get_or_init(|| entries).as_deref())
    }

    /// Everything, read by the careful reader; what has to be skipped is then logged.
    fn whole(&self, path: &Path) -> io::Result<&Whole> {
        if !self.is_read() {
            let mut whole = Whole::new(self.peers);
            self.read_text(path, &mut whole)?;
            if self.whole.set(whole).is_ok() {
                self.whole.get().into_iter().for_each(Whole::tell_skipped);
            }
        }
        Ok(self.whole.get().expect("it was read"))
    }

    /// Whether everything was read by the careful reader.
    pub(super) fn is_read(&self) -> bool {
        self.whole.get().is_some()
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(&self, path: &Path, whole: &mut Whole) {
        if let Some(own) = self.whole.get() {
            whole.append(own);
        } else if let Err(e) = self.read_text(path, whole) {
            whole.fail(path, format!("cannot be read any more: {e}"));
        }
    }

    fn read_text(&self, path: &Path, whole: &mut Whole) -> io::Result<()> {
        let mut read = |bytes: &[u8]| {
            // That there are blocks in it is known.
            let _ = whole.read(path, bytes, &mut Whole::add);
        };
        match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::Memory(bytes) => read(bytes),
            Text::File(file) => read(&self.unchanged(file, self.text_of(file))?),
        }
        Ok(())
    }

    /// What is in the file now, if that is not in memory yet. Whether it is what was in it is for the
    /// caller to find out, from how the file is afterwards.
    pub(super) fn text_to_keep(&self) -> Option<Vec<u8>> {
        match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::File(file) => self.text_of(file).ok(),
            Text::Memory(_) => None,
        }
    }

    /// Goes by this text from now on, so that the file may be written to.
    pub(super) fn keep(&self, text: Vec<u8>) {
        *self.text.write().unwrap_or_else(PoisonError::into_inner) = Text::Memory(text);
    }

    /// Whether what was in the file is no longer known, but for what was looked for already.
    pub(super) fn is_lost(&self) -> bool {
        match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::File(file) => !self.is_read() && !self.state.is_content_of(file).unwrap_or(false),
            Text::Memory(_) => false,
        }
    }

    fn block(&self, entry: Entry) -> io::Result<Vec<u8>> {
        match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::Memory(bytes) => {
                let start = entry.start as usize;
                Ok(bytes[start..start + entry.length as usize].to_vec())
            }
            Text::File(file) => self.unchanged(file, read_block(file, entry)),
        }
    }

    fn text_of(&self, file: &File) -> io::Result<Vec<u8>> {
        file::whole(file, self.state.size())
    }

    /// What was read from the file, if it is still as it was.
    fn unchanged<T>(&self, file: &File, read: io::Result<T>) -> io::Result<T> {
        match (read, self.state.is_content_of(file)?) {
            (Ok(read), true) => Ok(read),
            (Err(e), true) => Err(e),
            (_, false) => Err(overwritten()),
        }
    }
}

fn overwritten() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it was overwritten")
}

fn read_block(file: &File, entry: Entry) -> io::Result<Vec<u8>> {
    let mut block = vec![0; entry.length as usize];
    file::read_at(file, entry.start.into(), &mut block)?;
    Ok(block)
}
