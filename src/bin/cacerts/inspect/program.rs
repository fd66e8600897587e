//! What a program or a static library has where it belongs: notes, the names of libraries, the list of
//! cargo-auditable. It may use `elf`, `ar`, `data` and what reads each of these.

use super::ar;
use super::crates::{self, Crates};
use super::data::{Cache, Data};
use super::elf::Elf;
use super::links::{Links, links};
use super::notes::{Found, MOST_NOTES};
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
        Self::of(Elf::default())
    }
}

impl Program {
    /// Of an ELF file. An error is the end of a sentence.
    pub(crate) fn read(data: Data<'_>) -> Result<Self, String> {
        match data {
            Data::Memory(bytes) => Elf::read(bytes).map(Self::of),
            Data::File(file, begin, size) => {
                let cache = Cache::new(file, begin, size);
                let read = Elf::read(&cache).map(Self::of);
                match cache.is_exhausted() {
                    true => Err("has more headers and notes than any program has".to_owned()),
                    false => read,
                }
            }
        }
    }

    fn of(elf: Elf<'_>) -> Self {
        let Elf { notes, needed, packer, audit } = elf;
        let mut all = Crates::new();
        if let Some(list) = audit {
            crates::listed(list, &mut all);
        }
        Self { notes, links: links(&needed), packer, crates: all }
    }

    /// Of a static library: the notes of the object files in it.
    pub(crate) fn library(data: Data<'_>) -> Result<Self, String> {
        let mut all = Self::default();
        for member in ar::members(data)?.into_iter().filter(|member| member.begins_with(b"\x7fELF"))
        {
            let notes = Self::read(member)?.notes;
            // Of more there is an error anyway.
            let room = |found: &BTreeSet<_>| MOST_NOTES.saturating_sub(found.len());
            let (library, drop_ins) = (room(&all.notes.library), room(&all.notes.drop_ins));
            all.notes.library.extend(notes.library.into_iter().take(library));
            all.notes.drop_ins.extend(notes.drop_ins.into_iter().take(drop_ins));
        }
        Ok(all)
    }
}
