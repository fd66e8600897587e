//! An ordinary file, whose certificates are parsed when they are asked for. It may use `index`,
//! `pem`, `der`, `usable`, `whole` and `file`.

use super::index::{self, Entry, Key};
use super::whole::Whole;
use super::{der, pem, usable};
use crate::file::{self, State};
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{OnceLock, PoisonError, RwLock};

/// What is known of an ordinary file.
#[derive(Debug)]
pub(super) struct Bundle {
    entries: Vec<Entry>,
    state: State,
    text: RwLock<Text>,
    /// Everything, once a subject could not be told from too many others.
    whole: OnceLock<Whole>,
}

/// Where the blocks are.
#[derive(Debug)]
enum Text {
    /// In the file, which stays open: one that takes its place must not be mistaken for it.
    File(File),
    Memory(Vec<u8>),
}

/// How many blocks are looked into for a subject. In a store of thousands a server could name
/// issuers for each of which it has to be hundreds.
const MOST_ALIKE: usize = 32;

/// Where the blocks of an ordinary file are, one of which at least holds a certificate; `None` for
/// any other file.
pub(super) fn index(file: &File, size: u64) -> io::Result<Option<Vec<Entry>>> {
    let read = |place, room: &mut [u8]| file::read_some(file, place, room);
    let Some(entries) = index::index(size, read)? else { return Ok(None) };
    // The shortest is as good as any, and decoded soonest.
    let shortest = *entries.iter().min_by_key(|entry| entry.length).expect("there are blocks");
    let certificate = pem::ordinary(&read_block(file, shortest)?);
    let is_usable = |der: CertificateDer<'_>| usable::check(&der).is_ok();
    Ok(certificate.is_some_and(|result| result.is_ok_and(is_usable)).then_some(entries))
}

impl Bundle {
    pub(super) fn new(entries: Vec<Entry>, file: File, state: State) -> Self {
        Self { entries, state, text: RwLock::new(Text::File(file)), whole: OnceLock::new() }
    }

    /// Adds the certificates with this subject. An error means that the file was written to, and
    /// that what was in it is no longer known.
    pub(super) fn find(
        &self,
        path: &Path,
        subject: &[u8],
        found: &mut Vec<CertificateDer<'static>>,
    ) -> io::Result<()> {
        let key = Key::of(subject);
        let alike = || self.entries.iter().filter(|entry| entry.key == key);
        if alike().nth(MOST_ALIKE).is_some() {
            let whole = self.whole.get_or_init(|| {
                // No block of an ordinary file has trust settings.
                let mut whole = Whole::new(Peers::Servers);
                self.read(path, &mut whole);
                whole
            });
            found.extend(whole.find(subject).cloned());
            return Ok(());
        }
        for entry in alike() {
            let certificate = pem::ordinary(&self.block(*entry)?).ok_or_else(overwritten)?;
            let has_it = |der: &CertificateDer<'_>| {
                der::names_in(der).is_some_and(|names| der[names.subject] == *subject)
            };
            found.extend(certificate.ok().filter(has_it));
        }
        Ok(())
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(&self, path: &Path, whole: &mut Whole) {
        // That there are blocks in it is known.
        let _ = match &*self.text.read().unwrap_or_else(PoisonError::into_inner) {
            Text::Memory(bytes) => whole.read(path, bytes, &mut Whole::add),
            Text::File(file) => match self.unchanged(file, self.text_of(file)) {
                Ok(bytes) => whole.read(path, &bytes, &mut Whole::add),
                Err(e) => {
                    whole.skip(path, None, format!("cannot be read any more: {e}"));
                    Ok(())
                }
            },
        };
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
            Text::File(file) => !self.state.is_content_of(file).unwrap_or(false),
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
