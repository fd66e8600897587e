//! What an ELF file says of itself: the cacerts notes, and the libraries it needs. For programs and
//! libraries of any architecture, of 32 and 64 bits, in both byte orders. It may use `object`.
//!
//! Looks where the loader looks, at the segments, so that it does not matter whether there are section
//! headers.

use object::elf::{
    DT_NEEDED, DT_STRSZ, DT_STRTAB, FileHeader32, FileHeader64, PT_LOAD, SHF_EXECINSTR, SHT_NOBITS,
};
use object::read::elf::{Dyn, FileHeader, NoteIterator, ProgramHeader, SectionHeader};
use object::{Endianness, FileKind, StringTable};
use std::collections::BTreeSet;

/// The notes' name, and their types, as the library and the drop-ins write them.
const NAME: &[u8] = b"cacerts";
const LIBRARY: u32 = 0xcace_0001;
const DROP_IN: u32 = 0xcace_0002;
/// So many different notes of a type are kept: more than any program has, and not all that a file can
/// be filled with.
pub(crate) const MOST_NOTES: usize = 64;

#[derive(Default)]
pub(crate) struct Elf<'a> {
    /// The description of the library's note; of each, where different parts have brought one.
    pub(crate) notes: BTreeSet<&'a [u8]>,
    /// Those of the drop-ins' notes.
    pub(crate) drop_ins: BTreeSet<&'a [u8]>,
    /// The names of the shared libraries that it is linked with.
    pub(crate) needed: Vec<&'a [u8]>,
}

impl<'a> Elf<'a> {
    /// An error is the end of a sentence.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let read = match FileKind::parse(bytes) {
            Ok(FileKind::Elf32) => read_as::<FileHeader32<Endianness>>(bytes),
            Ok(FileKind::Elf64) => read_as::<FileHeader64<Endianness>>(bytes),
            _ => Err("Invalid ELF header".to_owned()),
        };
        read.map_err(|why| format!("is a truncated or damaged ELF file ({why})"))
    }

    /// Takes the cacerts notes out of a segment.
    fn own<Header: FileHeader<Endian = Endianness>>(
        &mut self,
        mut notes: NoteIterator<'a, Header>,
        endian: Endianness,
    ) -> object::Result<()> {
        while let Some(note) = notes.next()? {
            let found = match note.n_type(endian) {
                LIBRARY => &mut self.notes,
                DROP_IN => &mut self.drop_ins,
                _ => continue,
            };
            if note.name() == NAME && found.len() < MOST_NOTES {
                found.insert(note.desc());
            }
        }
        Ok(())
    }
}

fn read_as<Header: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Elf<'_>, String> {
    let said = |e: object::Error| e.to_string();
    let header = Header::parse(bytes).map_err(said)?;
    let endian = header.endian().map_err(said)?;
    let segments = header.program_headers(endian, bytes).map_err(said)?;
    // They stand at the end: without them the file has been cut off, or they have been removed.
    let sections = header.section_headers(endian, bytes).map_err(said)?;
    if sections.is_empty() {
        for segment in segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD) {
            segment.data(endian, bytes).map_err(|()| "a segment ends after the file does")?;
        }
    }
    let elf = find::<Header>(segments, endian, bytes);
    // What was split off for debuggers has the segments of the program without what is in them.
    let is_debug = sections.iter().any(|section| {
        let flags: u64 = section.sh_flags(endian).into();
        section.sh_type(endian) == SHT_NOBITS && flags & u64::from(SHF_EXECINSTR) != 0
    });
    if is_debug { Ok(elf.unwrap_or_default()) } else { elf.map_err(said) }
}

fn find<'a, Header: FileHeader<Endian = Endianness>>(
    segments: &[Header::ProgramHeader],
    endian: Endianness,
    bytes: &'a [u8],
) -> object::Result<Elf<'a>> {
    let mut elf = Elf::default();
    for segment in segments {
        if let Some(notes) = segment.notes(endian, bytes)? {
            elf.own(notes, endian)?;
        }
        if let Some(entries) = segment.dynamic(endian, bytes)? {
            elf.needed = needed::<Header>(entries, segments, endian, bytes)?;
        }
    }
    Ok(elf)
}

/// The names of the libraries stand in a table, which stands at an address.
fn needed<'a, Header: FileHeader<Endian = Endianness>>(
    entries: &[Header::Dyn],
    segments: &[Header::ProgramHeader],
    endian: Endianness,
    bytes: &'a [u8],
) -> object::Result<Vec<&'a [u8]>> {
    let has = |entry: &&Header::Dyn, tag| entry.tag32(endian) == Some(tag);
    let value = |tag| entries.iter().find(|e| has(e, tag)).map(|e| e.d_val(endian).into());
    let (Some(address), Some(size)) = (value(DT_STRTAB), value(DT_STRSZ)) else {
        return Ok(Vec::new());
    };
    let table = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == PT_LOAD)
        .find_map(|segment| segment.data_range(endian, bytes, address, size).ok().flatten());
    let strings = StringTable::new(table.unwrap_or_default(), 0, size);
    let needed = entries.iter().filter(|entry| has(entry, DT_NEEDED));
    needed.map(|entry| entry.string(endian, strings)).collect()
}
