//! What stands before the archive in an RPM package. It may use `archive` and `depends`.

use super::archive::{damaged, skip};
use super::depends;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

/// The size of what comes first.
const LEAD: u64 = 96;
const MAGIC: &[u8] = b"\x8e\xad\xe8\x01";
/// The largest header that is looked at, 32 MiB.
const LARGEST: u64 = 32 << 20;

/// Reads to where the archive begins, and tells what the package depends on.
pub(crate) fn headers(source: &mut dyn BufRead) -> io::Result<BTreeSet<String>> {
    skip(source, LEAD)?;
    let (size, _) = header(source)?;
    // That of the signatures is filled up to a multiple of eight.
    skip(source, size.next_multiple_of(8))?;
    let (size, entries) = header(source)?;
    if size > LARGEST {
        skip(source, size)?;
        return Ok(BTreeSet::new());
    }
    let mut header = Vec::new();
    source.take(size).read_to_end(&mut header)?;
    Ok(depends::of_rpm(&header, entries as usize))
}

/// The size of a header after its beginning, and how many entries of 16 bytes it has.
fn header(source: &mut dyn BufRead) -> io::Result<(u64, u64)> {
    let mut begin = [0; 16];
    source.read_exact(&mut begin)?;
    if !begin.starts_with(MAGIC) {
        return Err(damaged("a header of RPM is none"));
    }
    let [entries, data] = [8, 12].map(|at| {
        u64::from(u32::from_be_bytes([begin[at], begin[at + 1], begin[at + 2], begin[at + 3]]))
    });
    Ok((entries * 16 + data, entries))
}
