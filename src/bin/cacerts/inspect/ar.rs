//! The members of an ar archive: of a Debian package, or of a static library. It may use `archive`
//! and `data`.

use super::archive::{Found, damaged, skip};
use super::data::{Cache, Data};
use object::read::ReadRef;
use std::io::{self, Read};

pub(crate) const MAGIC: &[u8] = b"!<arch>\n";
/// A name of 16 bytes, the size at 48 in 10 digits, and an end of two bytes.
const HEADER: usize = 60;

/// Each member of a package in order, by the name that is in its header.
pub(crate) fn each(mut reader: impl Read, found: &mut Found<'_>) -> io::Result<()> {
    skip(&mut reader, MAGIC.len() as u64)?;
    let mut header = Vec::new();
    loop {
        header.clear();
        (&mut reader).take(HEADER as u64).read_to_end(&mut header)?;
        if header.is_empty() {
            return Ok(());
        }
        let size = size(&header).ok_or_else(|| damaged("an ar header is none"))?;
        let name = String::from_utf8_lossy(&header[..16]);
        let mut content = (&mut reader).take(size);
        found(name.trim_end_matches([' ', '/']), Ok((&mut content, size)))?;
        let left = content.limit();
        skip(&mut reader, left)?;
        // Each begins at an even place; the last one need not be filled up.
        io::copy(&mut (&mut reader).take(size % 2), &mut io::sink())?;
    }
}

/// The members of a static library. An error is the end of a sentence.
pub(crate) fn members(library: Data<'_>) -> Result<Vec<Data<'_>>, String> {
    match library {
        Data::Memory(bytes) => each_of(bytes, library),
        Data::File(file, begin, size) => each_of(&Cache::new(file, begin, size), library),
    }
    .ok_or_else(|| "is a truncated or damaged ar archive".to_owned())
}

fn each_of<'a, 'b>(bytes: impl ReadRef<'a>, library: Data<'b>) -> Option<Vec<Data<'b>>> {
    let mut members = Vec::new();
    // A thin one has none of its own.
    if bytes.read_bytes_at(0, MAGIC.len() as u64) != Ok(MAGIC) {
        return Some(members);
    }
    let (mut at, end) = (MAGIC.len() as u64, bytes.len().ok()?);
    while at < end {
        let begin = at + HEADER as u64;
        let after = begin.checked_add(size(bytes.read_bytes_at(at, HEADER as u64).ok()?)?)?;
        members.push(library.part(begin..after)?);
        // Each begins at an even place; the last one need not be filled up.
        at = after.next_multiple_of(2);
    }
    Some(members)
}

fn size(header: &[u8]) -> Option<u64> {
    let digits = header.strip_suffix(b"`\n")?.get(48..58)?;
    std::str::from_utf8(digits).ok()?.trim_end().parse().ok()
}
