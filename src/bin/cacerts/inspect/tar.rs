//! The files in a tar archive. It may use `tar` and `archive`.

use super::archive::{Found, damaged};
use std::cell::Cell;
use std::io::{self, Cursor, Read};
use tar::{Archive, EntryType, GnuHeader};

/// What may stand before the content of a file, 1 MiB: headers, names, and what else is said of it. All of it
/// is kept in memory.
const LARGEST_HEADERS: u64 = 1 << 20;
const BLOCK: u64 = 512;

/// Each regular file in order. Several archives after each other, as in a package of Alpine, are one.
pub(crate) fn each(mut reader: impl Read, found: &mut Found<'_>) -> io::Result<()> {
    // An archive ends with zeros, of which there may be any number.
    while let Some(begin) = after_zeros(&mut reader)? {
        let left = Cell::new(LARGEST_HEADERS);
        let headers = Headers { reader: Cursor::new(begin).chain(&mut reader), left: &left };
        let mut archive = Archive::new(headers);
        for entry in archive.entries()? {
            let mut entry = entry?;
            left.set(u64::MAX);
            // Reading one costs the square of its parts.
            if entry.header().entry_type() == EntryType::GNUSparse
                && entry.header().as_gnu().is_some_and(GnuHeader::is_extended)
            {
                return Err(damaged(
                    "a sparse file in it has more than four parts, and is not read",
                ));
            }
            if let EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse =
                entry.header().entry_type()
            {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let size = entry.size();
                found(&name, Ok((&mut entry, size)))?;
            }
            // What is left of it is none of the next one's headers.
            io::copy(&mut entry, &mut io::sink())?;
            left.set(LARGEST_HEADERS);
        }
    }
    Ok(())
}

/// The first block that is not all zeros.
fn after_zeros(reader: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut block = Vec::new();
    loop {
        block.clear();
        (&mut *reader).take(BLOCK).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(None);
        } else if block.iter().any(|&byte| byte != 0) {
            return Ok(Some(block));
        }
    }
}

/// Fails where more is read than is left.
struct Headers<'a, R> {
    reader: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Headers<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.reader.read(buffer)?;
        let left = self.left.get().checked_sub(size as u64);
        self.left.set(left.ok_or_else(|| damaged("a header in it is larger than 1 MiB"))?);
        Ok(size)
    }
}
