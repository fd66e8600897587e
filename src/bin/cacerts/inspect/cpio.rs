//! The files in a cpio archive of the format newc, as RPM packages have it. It may use `archive`
//! and `kind`.
//!
//! The payload of an RPM package with files of 4 GiB and more has headers of its own, without names,
//! and is not read.

use super::archive::{Found, damaged, skip};
use super::kind::is_cpio;
use std::io::{self, Read};

/// A magic and 13 numbers, of eight hexadecimal digits each.
const HEADER: usize = 110;
const MODE: usize = 1;
const SIZE: usize = 6;
const NAME_SIZE: usize = 11;
/// The longest path that Linux opens, with its end.
const LONGEST_NAME: u64 = 4096;
/// What kind of file it is, of the mode.
const KIND: u64 = 0o170_000;
const REGULAR: u64 = 0o100_000;
const LAST: &str = "TRAILER!!!";

/// Each regular file in order.
pub(crate) fn each(mut reader: impl Read, found: &mut Found<'_>) -> io::Result<()> {
    loop {
        let mut header = [0; HEADER];
        reader.read_exact(&mut header)?;
        let number = |place| number(&header, place).filter(|_| is_cpio(&header));
        let (Some(mode), Some(size), Some(name_size)) =
            (number(MODE), number(SIZE), number(NAME_SIZE))
        else {
            return Err(damaged("a cpio header is none"));
        };
        if name_size > LONGEST_NAME {
            return Err(damaged("a name is too long"));
        }
        let mut name = vec![0; name_size as usize];
        reader.read_exact(&mut name)?;
        skip(&mut reader, padding(HEADER as u64 + name_size))?;
        let name = String::from_utf8_lossy(name.strip_suffix(b"\0").unwrap_or(&name));
        if name == LAST {
            return Ok(());
        }
        let mut content = (&mut reader).take(size);
        if mode & KIND == REGULAR && size > 0 {
            found(&name, Ok((&mut content, size)))?;
        }
        let left = content.limit();
        skip(&mut reader, left + padding(size))?;
    }
}

fn number(header: &[u8], place: usize) -> Option<u64> {
    let digits = std::str::from_utf8(&header[6 + 8 * place..][..8]).ok()?;
    u64::from_str_radix(digits, 16).ok()
}

/// Everything begins at a multiple of four.
fn padding(size: u64) -> u64 {
    size.next_multiple_of(4) - size
}
