//! What a program or a static library has where it belongs: notes, the names of libraries, the list of
//! cargo-auditable. It may use `elf`, `pe`, `ar`, `data` and what reads each of these.

use super::ar;
use super::crates::{self, Crates};
use super::data::{Cache, Data};
use super::elf::Elf;
use super::links::{Links, links};
use super::notes::{Found, MOST_NOTES};
use super::pe::Pe;
use object::read::ReadRef;
use std::collections::BTreeSet;

pub(crate) struct Program {
    pub(crate) notes: Found,
    /// An error is the end of a sentence.
    pub(crate) links: Result<Links, String>,
    /// Of one that was packed: `it is ...`.
    pub(crate) packer: Option<&'static str>,
    pub(crate) crates: Crates,
}

impl Default for Program {
    fn default() -> Self {
        let (notes, links) = (Found::default(), Ok(Links::new()));
        Self { notes, links, packer: None, crates: Crates::new() }
    }
}

impl Program {
    /// Of an ELF file. An error is the end of a sentence.
    pub(crate) fn elf(data: Data<'_>) -> Result<Self, String> {
        match data {
            Data::Memory(bytes) => Self::of_elf(bytes),
            Data::File(file, begin, size) => {
                let cache = Cache::new(file, begin, size);
                bounded(&cache, Self::of_elf(&cache))
            }
        }
    }

    /// Of a PE file. The names of its libraries are not looked at.
    pub(crate) fn pe(data: Data<'_>) -> Result<Self, String> {
        match data {
            Data::Memory(bytes) => Self::of_pe(bytes),
            Data::File(file, begin, size) => {
                let cache = Cache::new(file, begin, size);
                bounded(&cache, Self::of_pe(&cache))
            }
        }
    }

    fn of_elf<'a>(data: impl ReadRef<'a>) -> Result<Self, String> {
        let Elf { notes, needed, packer, audit } = Elf::read(data)?;
        Ok(Self { notes, links: links(&needed), packer, crates: listed(audit) })
    }

    fn of_pe<'a>(data: impl ReadRef<'a>) -> Result<Self, String> {
        let Pe { notes, packer, audit } = Pe::read(data)?;
        Ok(Self { notes, packer, crates: listed(audit), ..Self::default() })
    }

    /// Of a static library: the notes of the object files in it.
    pub(crate) fn library(data: Data<'_>) -> Result<Self, String> {
        let mut all = Self::default();
        for member in ar::members(data)?.into_iter().filter(|member| member.begins_with(b"\x7fELF"))
        {
            let notes = Self::elf(member)?.notes;
            // Of more there is an error anyway.
            let room = |found: &BTreeSet<_>| MOST_NOTES.saturating_sub(found.len());
            let (library, drop_ins) = (room(&all.notes.library), room(&all.notes.drop_ins));
            all.notes.library.extend(notes.library.into_iter().take(library));
            all.notes.drop_ins.extend(notes.drop_ins.into_iter().take(drop_ins));
        }
        Ok(all)
    }
}

/// The crates in the section of cargo-auditable.
fn listed(audit: Option<&[u8]>) -> Crates {
    let mut all = Crates::new();
    if let Some(list) = audit {
        crates::listed(list, &mut all);
    }
    all
}

/// Where more was wanted of the file than is read, nothing is known.
fn bounded(cache: &Cache<'_>, read: Result<Program, String>) -> Result<Program, String> {
    match cache.is_exhausted() {
        true => Err("has more headers and notes than any program has".to_owned()),
        false => read,
    }
}
