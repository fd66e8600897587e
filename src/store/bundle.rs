//! An ordinary file, whose certificates are parsed when they are asked for. It may use `index`,
//! `pem`, `whole` and `file`.

use super::index::{self, Entry, Key};
use super::whole::Whole;
use super::{der, pem};
use crate::file::{self, State};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What is known of an ordinary file.
#[derive(Debug)]
pub(super) struct Bundle {
    entries: Vec<Entry>,
    state: State,
    text: Mutex<Text>,
}

/// Where the blocks are.
#[derive(Debug)]
enum Text {
    /// In the file, which stays open: one that takes its place must not be mistaken for it.
    File(File),
    Memory(Vec<u8>),
}

/// Where the blocks of an ordinary file are, one of which at least holds a certificate; `None` for
/// any other file.
pub(super) fn index(file: &mut File) -> io::Result<Option<Vec<Entry>>> {
    let Some(entries) = index::index(|window| file::read_more(file, window))? else {
        return Ok(None);
    };
    // The shortest is as good as any, and decoded soonest.
    let shortest = *entries.iter().min_by_key(|entry| entry.length).expect("there are blocks");
    let certificate = pem::ordinary(&read_at(file, shortest)?);
    let is_usable = certificate.is_ok_and(|der| RootCertStore::empty().add(der).is_ok());
    Ok(is_usable.then_some(entries))
}

impl Bundle {
    pub(super) fn new(entries: Vec<Entry>, file: File, state: State) -> Self {
        Self { entries, state, text: Mutex::new(Text::File(file)) }
    }

    /// Adds the certificates with this subject. An error means that the file was written to, and
    /// that what was in it is no longer known.
    pub(super) fn find(
        &self,
        subject: &[u8],
        found: &mut Vec<CertificateDer<'static>>,
    ) -> io::Result<()> {
        let key = Key::of(subject);
        for entry in self.entries.iter().filter(|entry| entry.key == key) {
            let certificate = pem::ordinary(&self.block(*entry)?);
            let has_it = |der: &CertificateDer<'_>| {
                der::names_in(der).is_some_and(|names| der[names.subject] == *subject)
            };
            found.extend(certificate.ok().filter(has_it));
        }
        Ok(())
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(&self, path: &Path, whole: &mut Whole) {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        // That there are blocks in it is known.
        let _ = match &mut *text {
            Text::Memory(bytes) => whole.read(path, bytes, &mut Whole::add),
            Text::File(file) => match self.unchanged(file, |file| self.text_of(file)) {
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
        match &mut *self.text.lock().unwrap_or_else(PoisonError::into_inner) {
            Text::File(file) => self.text_of(file).ok(),
            Text::Memory(_) => None,
        }
    }

    /// Goes by this text from now on, so that the file may be written to.
    pub(super) fn keep(&self, text: Vec<u8>) {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = Text::Memory(text);
    }

    fn block(&self, entry: Entry) -> io::Result<Vec<u8>> {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *text {
            Text::Memory(bytes) => {
                let start = entry.start as usize;
                Ok(bytes[start..start + entry.length as usize].to_vec())
            }
            Text::File(file) => self.unchanged(file, |file| read_at(file, entry)),
        }
    }

    fn text_of(&self, file: &mut File) -> io::Result<Vec<u8>> {
        file.rewind()?;
        file::whole(file, self.state.size())
    }

    /// What is read from the file, if it is still as it was.
    fn unchanged<T>(
        &self,
        file: &mut File,
        read: impl FnOnce(&mut File) -> io::Result<T>,
    ) -> io::Result<T> {
        let content = read(file)?;
        if !self.state.is_content_of(file)? {
            return Err(io::Error::new(ErrorKind::InvalidData, "it was overwritten"));
        }
        Ok(content)
    }
}

fn read_at(file: &mut File, entry: Entry) -> io::Result<Vec<u8>> {
    let mut block = vec![0; entry.length as usize];
    file.seek(SeekFrom::Start(entry.start.into()))?;
    file.read_exact(&mut block)?;
    Ok(block)
}
