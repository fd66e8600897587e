//! What an ELF file says of itself: the cacerts notes, the libraries it needs, and whether it has been
//! packed. For programs, libraries and object files of any architecture, of 32 and 64 bits, in both byte
//! orders. It may use `object` and `notes`.
//!
//! Looks where the loader looks, at the segments, so that it does not matter whether there are section
//! headers; at the sections of an object file, which has no segments. What it costs is bounded by the
//! file's size, whatever the headers say.

use super::notes::{self, Found};
use object::elf::{
    DT_NEEDED, DT_STRSZ, DT_STRTAB, FileHeader32, FileHeader64, PT_DYNAMIC, PT_LOAD, PT_NOTE,
    SHF_EXECINSTR, SHT_NOBITS, SHT_NOTE,
};
use object::read::ReadRef;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, FileKind};
use std::ops::Range;

/// The longest name of a file that there is. The names of TLS libraries have no directory.
const LONGEST_NAME: usize = 255;
/// The name of a section in which cargo-auditable lists the crates.
pub(crate) const AUDIT: &[u8] = b".dep-v0";
/// What has packed a program: `it is ...`.
pub(crate) const UPX: &str = "packed by UPX";
pub(crate) const UNKNOWN_PACKER: &str = "packed or encrypted by an unknown program";

#[derive(Default)]
pub(crate) struct Elf<'a> {
    /// The descriptions of the cacerts notes.
    pub(crate) notes: Found,
    /// The names of the shared libraries that it is linked with, without those that are too long for
    /// one.
    pub(crate) needed: Vec<&'a [u8]>,
    /// Where its content cannot be seen because it has been packed: `it is ...`.
    pub(crate) packer: Option<&'static str>,
    /// The section of cargo-auditable.
    pub(crate) audit: Option<&'a [u8]>,
}

impl<'a> Elf<'a> {
    /// An error is the end of a sentence.
    pub(crate) fn read(data: impl ReadRef<'a>) -> Result<Self, String> {
        let read = match FileKind::parse(data) {
            Ok(FileKind::Elf32) => read_as::<FileHeader32<Endianness>, _>(data),
            Ok(FileKind::Elf64) => read_as::<FileHeader64<Endianness>, _>(data),
            _ => Err("Invalid ELF header".to_owned()),
        };
        read.map_err(|why| format!("is a truncated or damaged ELF file ({why})"))
    }
}

fn read_as<'a, Header: FileHeader<Endian = Endianness>, R: ReadRef<'a>>(
    data: R,
) -> Result<Elf<'a>, String> {
    let size = data.len().map_err(|()| "it has no size")?;
    let said = |e: object::Error| e.to_string();
    let header = Header::parse(data).map_err(said)?;
    let endian = header.endian().map_err(said)?;
    let segments = header.program_headers(endian, data).map_err(said)?;
    // They stand at the end: without them the file has been cut off, or they have been removed.
    let sections = header.section_headers(endian, data).map_err(said)?;
    if sections.is_empty() {
        for segment in segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD) {
            let (begin, length) = segment.file_range(endian);
            if begin.checked_add(length).is_none_or(|end| end > size) {
                return Err("a segment ends after the file does".to_owned());
            }
        }
    }
    let mut reader = notes::Reader::new(endian, usize::try_from(size).unwrap_or(usize::MAX));
    let elf = if segments.is_empty() {
        of_object::<Header, _>(sections, &mut reader, endian, data)
    } else {
        of_program::<Header, _>(segments, &mut reader, endian, data)
    };
    // What was split off for debuggers has the segments of the program without what is in them.
    let is_debug = sections.iter().any(|section| {
        let flags: u64 = section.sh_flags(endian).into();
        section.sh_type(endian) == SHT_NOBITS && flags & u64::from(SHF_EXECINSTR) != 0
    });
    let mut elf = if is_debug { elf.unwrap_or_default() } else { elf? };
    let headers: u64 = header.e_phoff(endian).into();
    let headers_end = headers.saturating_add(size_of_val(segments) as u64);
    elf.packer = packer(data, headers_end, sections.is_empty());
    let names = header.shstrndx(endian, data).ok().and_then(|at| sections.get(at as usize));
    let names = names.and_then(|names| names.data(endian, data).ok()).unwrap_or_default();
    let audit = sections.iter().find(|section| {
        let name = names.get(section.sh_name(endian) as usize..).unwrap_or_default();
        name.strip_prefix(AUDIT).is_some_and(|rest| rest.starts_with(b"\0"))
    });
    elf.audit = audit.and_then(|section| section.data(endian, data).ok());
    Ok(elf)
}

fn of_program<'a, Header: FileHeader<Endian = Endianness>, R: ReadRef<'a>>(
    segments: &[Header::ProgramHeader],
    reader: &mut notes::Reader,
    endian: Endianness,
    data: R,
) -> Result<Elf<'a>, String> {
    let mut dynamic = None;
    for segment in segments {
        match segment.p_type(endian) {
            PT_NOTE => reader.read(segment.data(endian, data).map_err(|()| outside("note"))?)?,
            PT_DYNAMIC if dynamic.is_some() => {
                return Err("it has two dynamic segments".to_owned());
            }
            PT_DYNAMIC => dynamic = segment.dynamic(endian, data).map_err(|e| e.to_string())?,
            _ => {}
        }
    }
    let needed = dynamic.map(|entries| needed::<Header, _>(entries, segments, endian, data));
    let needed = needed.transpose()?.unwrap_or_default();
    Ok(Elf { notes: reader.found()?, needed, ..Elf::default() })
}

fn of_object<'a, Header: FileHeader<Endian = Endianness>, R: ReadRef<'a>>(
    sections: &[Header::SectionHeader],
    reader: &mut notes::Reader,
    endian: Endianness,
    data: R,
) -> Result<Elf<'a>, String> {
    for section in sections.iter().filter(|section| section.sh_type(endian) == SHT_NOTE) {
        reader.read(section.data(endian, data).map_err(|_| outside("note"))?)?;
    }
    Ok(Elf { notes: reader.found()?, ..Elf::default() })
}

fn outside(what: &str) -> String {
    format!("a {what} ends after the file does")
}

/// The names of the libraries stand in a table, which stands at an address.
fn needed<'a, Header: FileHeader<Endian = Endianness>, R: ReadRef<'a>>(
    entries: &[Header::Dyn],
    segments: &[Header::ProgramHeader],
    endian: Endianness,
    data: R,
) -> Result<Vec<&'a [u8]>, String> {
    let has = |entry: &&Header::Dyn, tag| entry.tag32(endian) == Some(tag);
    let value = |tag| entries.iter().find(|e| has(e, tag)).map(|e| e.d_val(endian).into());
    let (Some(address), Some(size)): (Option<u64>, Option<u64>) =
        (value(DT_STRTAB), value(DT_STRSZ))
    else {
        return Ok(Vec::new());
    };
    // Not by `data_range`, which reads all of the segment.
    let mut loaded = segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD);
    let table = loaded.find_map(|segment| {
        let (begin, length) = segment.file_range(endian);
        let at = address.checked_sub(segment.p_vaddr(endian).into())?;
        (at.checked_add(size)? <= length).then_some(())?;
        data.read_bytes_at(begin.checked_add(at)?, size).ok()
    });
    let table = table.unwrap_or_default();
    let mut needed = Vec::new();
    for entry in entries.iter().filter(|entry| has(entry, DT_NEEDED)) {
        let offset = usize::try_from(entry.d_val(endian).into()).ok();
        let Some(rest) = offset.and_then(|offset| table.get(offset..)) else {
            return Err("a library's name is outside of the names".to_owned());
        };
        // All entries may name the same string, of any length.
        let begin = &rest[..rest.len().min(LONGEST_NAME + 1)];
        match begin.iter().position(|&byte| byte == 0) {
            Some(end) => needed.push(&begin[..end]),
            None if begin.len() == rest.len() => {
                return Err("a library's name has no end".to_owned());
            }
            None => {}
        }
    }
    Ok(needed)
}

/// What has packed a program: what it will be made of stands in it, but cannot be seen.
fn packer<'a>(
    data: impl ReadRef<'a>,
    headers_end: u64,
    has_no_sections: bool,
) -> Option<&'static str> {
    /// How much after the headers, and at the end, there may be of what UPX writes for itself.
    const UPX_HEAD: u64 = 16;
    const UPX_TAIL: u64 = 64;
    let size = data.len().ok()?;
    let part = |at: u64, length: u64| {
        data.read_bytes_at(at, length.min(size.saturating_sub(at))).unwrap_or_default()
    };
    let [head, tail] = [part(headers_end, UPX_HEAD), part(size.saturating_sub(UPX_TAIL), UPX_TAIL)];
    if [head, tail].iter().any(|part| part.windows(4).any(|word| word == b"UPX!")) {
        return Some(UPX);
    }
    // A file system with the program in it stands behind what mounts it.
    if matches!(part(8, 3), [b'A', b'I', 1 | 2]) {
        return Some("an AppImage");
    }
    (has_no_sections && is_noise(sample(data, 0, size))).then_some(UNKNOWN_PACKER)
}

/// How much is looked at to tell: of less nothing can be said, and of more the same.
const SAMPLE: Range<u64> = 4 << 10..1 << 20;

/// The middle of so much of a file, from there on.
pub(crate) fn sample<'a>(data: impl ReadRef<'a>, begin: u64, length: u64) -> &'a [u8] {
    let at = begin + length.saturating_sub(SAMPLE.end) / 2;
    data.read_bytes_at(at, length.min(SAMPLE.end)).unwrap_or_default()
}

/// Whether the bytes are as evenly spread as only those of what is compressed or encrypted are.
pub(crate) fn is_noise(sample: &[u8]) -> bool {
    /// In bits a byte. The code of a program has 6 or so, and never more than 7.
    const NOISE: f64 = 7.5;
    if (sample.len() as u64) < SAMPLE.start {
        return false;
    }
    let mut counts = [0_u32; 256];
    for &byte in sample {
        counts[usize::from(byte)] += 1;
    }
    let shares = counts.iter().filter(|&&count| count > 0);
    let shares = shares.map(|&count| f64::from(count) / sample.len() as f64);
    shares.map(|share| -share * share.log2()).sum::<f64>() > NOISE
}

#[cfg(test)]
mod tests {
    use super::{is_noise, packer};

    #[test]
    fn what_upx_and_appimage_have_made_is_known() {
        let mut plain = vec![0; 300];
        assert_eq!(packer(&plain[..], 120, true), None);
        plain[124..128].copy_from_slice(b"UPX!");
        assert_eq!(packer(&plain[..], 120, true), Some("packed by UPX"));
        assert_eq!(packer(&plain[..], 60, true), None);
        assert_eq!(packer(&plain[..], u64::MAX, true), None);
        plain.resize(400, 0);
        plain[364..368].copy_from_slice(b"UPX!");
        assert_eq!(packer(&plain[..], 60, false), Some("packed by UPX"));
        let mut image = [0; 20];
        image[8..11].copy_from_slice(b"AI\x02");
        assert_eq!(packer(&image[..], 0, false), Some("an AppImage"));
    }

    #[test]
    fn what_is_as_random_as_compressed_data_is_noise() {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        let noise: Vec<_> = (0..1 << 16).map(|_| random()).collect();
        assert!(is_noise(&noise));
        assert_eq!(packer(&noise[..], 0, true), Some("packed or encrypted by an unknown program"));
        assert_eq!(packer(&noise[..], 0, false), None);
        assert!(!is_noise(&noise[..100]));
        assert!(!is_noise(&noise.iter().map(|byte| byte & 0x7f).collect::<Vec<_>>()));
        assert!(!is_noise(&vec![0; 1 << 16]));
    }
}
