//! The files in a zip archive, as its directory at the end has them. It may use `flate2`, `archive`
//! and `kind`.
//!
//! Not read: archives with so many or so large files that they need zip64, and all but deflate.

use super::archive::{Found, Source, damaged};
use super::kind::Kind;
use flate2::read::DeflateDecoder;
use std::io::{self, Read, SeekFrom};

pub(crate) const MAGIC: &[u8] = b"PK\x03\x04";
const DIRECTORY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// Their sizes, without names and comments.
const LOCAL_HEADER: usize = 30;
const HEADER: usize = 46;
const END_HEADER: usize = 22;
/// The longest comment after the end.
const COMMENT: usize = 0xffff;
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Each file in the order of the directory.
pub(crate) fn each(source: &mut dyn Source, found: &mut Found<'_>) -> io::Result<()> {
    let directory = directory(source)?;
    let mut rest = &directory[..];
    while rest.starts_with(DIRECTORY) {
        let Some((header, after)) = rest.split_at_checked(HEADER) else { return Err(ends()) };
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(half(header, at)));
        let Some(name) = after.get(..name) else { return Err(ends()) };
        rest = after.get(name.len() + extra + comment..).ok_or_else(ends)?;
        let (size, at) = (word(header, 20), word(header, 42));
        if size == u32::MAX || at == u32::MAX {
            return Err(damaged("it is larger than zip files can be without zip64"));
        }
        let name = String::from_utf8_lossy(name);
        if name.ends_with('/') {
            continue;
        }
        let (method, unpacked) = (half(header, 10), u64::from(word(header, 24)));
        if half(header, 8) & ENCRYPTED != 0 {
            found(&name, Err(Kind::Encrypted("zip")))?;
            continue;
        }
        let mut local = [0; LOCAL_HEADER];
        source.seek(SeekFrom::Start(at.into()))?;
        source.read_exact(&mut local)?;
        if !local.starts_with(MAGIC) {
            return Err(damaged("a file is not where the directory says"));
        }
        source.seek_relative(i64::from(half(&local, 26)) + i64::from(half(&local, 28)))?;
        let mut content = (&mut *source).take(size.into());
        match method {
            STORED => found(&name, Ok((&mut content, unpacked)))?,
            DEFLATED => found(&name, Ok((&mut DeflateDecoder::new(content), unpacked)))?,
            _ => found(&name, Err(Kind::Compressed("zip")))?,
        }
    }
    Ok(())
}

/// The directory, which is said at the end to be where it is.
fn directory(source: &mut dyn Source) -> io::Result<Vec<u8>> {
    let size = source.seek(SeekFrom::End(0))?;
    let tail = size.min((END_HEADER + COMMENT) as u64);
    source.seek(SeekFrom::Start(size - tail))?;
    let mut end = Vec::new();
    source.take(tail).read_to_end(&mut end)?;
    let at = end.windows(END_HEADER).rposition(|window| window.starts_with(END));
    let end = &end[at.ok_or_else(|| damaged("it has no directory"))?..];
    let (length, at) = (word(end, 12), word(end, 16));
    if u64::from(length) + u64::from(at) > size {
        return Err(damaged("its directory is not in it, or it has one of zip64"));
    }
    source.seek(SeekFrom::Start(at.into()))?;
    let mut directory = Vec::new();
    source.take(length.into()).read_to_end(&mut directory)?;
    if length > 0 && !directory.starts_with(DIRECTORY) {
        return Err(damaged("its directory is none"));
    }
    Ok(directory)
}

fn ends() -> io::Error {
    damaged("its directory ends in the middle")
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from(half(bytes, at)) | u32::from(half(bytes, at + 2)) << 16
}
