//! What a program or a static library has where it belongs: notes, the names of libraries, the list of
//! cargo-auditable. It may use `elf`, `pe`, `ar`, `data`, `kind` and what reads each of these.

use super::ar;
use super::crates::{self, Crates};
use super::data::{Cache, Data};
use super::elf::Elf;
use super::kind::Kind;
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
    /// Of a file of this kind, which [has notes](Kind::has_notes). An error is the end of a sentence.
    pub(crate) fn read(kind: Kind, data: Data<'_>) -> Result<Self, String> {
        match data {
            Data::Memory(bytes) => Self::of(kind, bytes),
            Data::File(file, begin, size) => {
                let cache = Cache::new(file, begin, size);
                let read = Self::of(kind, &cache);
                match cache.is_exhausted() {
                    true => Err("has more headers and notes than any program has".to_owned()),
                    false => read,
                }
            }
        }
    }

    /// The names of the libraries of a PE file are not looked at.
    fn of<'a>(kind: Kind, data: impl ReadRef<'a>) -> Result<Self, String> {
        let (notes, links, packer, audit) = if kind == Kind::Pe {
            let Pe { notes, packer, audit } = Pe::read(data)?;
            (notes, Ok(Links::new()), packer, audit)
        } else {
            let Elf { notes, needed, packer, audit } = Elf::read(data)?;
            (notes, links(&needed), packer, audit)
        };
        let mut all = Crates::new();
        if let Some(list) = audit {
            crates::listed(list, &mut all);
        }
        Ok(Self { notes, links, packer, crates: all })
    }

    /// Of a static library: the notes of the object files in it.
    pub(crate) fn library(data: Data<'_>) -> Result<Self, String> {
        let mut all = Self::default();
        for member in ar::members(data)?.into_iter().filter(|member| member.begins_with(b"\x7fELF"))
        {
            let notes = Self::read(Kind::Elf, member)?.notes;
            // Of more there is an error anyway.
            let room = |found: &BTreeSet<_>| MOST_NOTES.saturating_sub(found.len());
            let (library, drop_ins) = (room(&all.notes.library), room(&all.notes.drop_ins));
            all.notes.library.extend(notes.library.into_iter().take(library));
            all.notes.drop_ins.extend(notes.drop_ins.into_iter().take(drop_ins));
        }
        Ok(all)
    }
}
