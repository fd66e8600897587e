//! The files in a zip archive, as its directory at the end has them, of any size (zip64). It may use what
//! decompresses, and `archive` for what is done with them.
//!
//! Not read: what is compressed by other methods than deflate, bzip2, xz and zstd.

use super::archive::{Found, Source, damaged};
use super::kind::Kind;
use super::{bzip2, xz, zstd};
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufReader, Read, SeekFrom};

pub(crate) const MAGIC: &[u8] = b"PK\x03\x04";
const DIRECTORY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// Of zip64: what stands before the end and says where its own end is, and that.
const LOCATOR: &[u8] = b"PK\x06\x07";
const END_64: &[u8] = b"PK\x06\x06";
/// Their sizes, without names and comments.
const LOCAL_HEADER: usize = 30;
const HEADER: usize = 46;
const END_HEADER: usize = 22;
const LOCATOR_SIZE: usize = 20;
const END_64_HEADER: usize = 56;
/// What an extra field with the numbers of zip64 is known by.
const EXTRA_64: u16 = 1;
/// The largest directory that is read, 64 MiB: that of half a million files.
const LARGEST_DIRECTORY: u64 = 64 << 20;
/// The longest comment after the end.
const COMMENT: usize = 0xffff;
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const BZIP2: u16 = 12;
const ZSTD: u16 = 93;
const XZ: u16 = 95;

/// Each file in the order of the directory.
pub(crate) fn each(source: &mut dyn Source, found: &mut Found<'_>) -> io::Result<()> {
    let directory = directory(source)?;
    let mut rest = &directory[..];
    // No byte is a part of two files.
    let mut left = source.seek(SeekFrom::End(0))?;
    while rest.starts_with(DIRECTORY) {
        let Some((header, after)) = rest.split_at_checked(HEADER) else { return Err(ends()) };
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(half(header, at)));
        let Some(name) = after.get(..name) else { return Err(ends()) };
        let Some(extra) = after.get(name.len()..name.len() + extra) else { return Err(ends()) };
        rest = after.get(name.len() + extra.len() + comment..).ok_or_else(ends)?;
        let [unpacked, size, at] = numbers(header, extra)?;
        let name = String::from_utf8_lossy(name);
        if name.ends_with('/') {
            continue;
        }
        let method = half(header, 10);
        if half(header, 8) & ENCRYPTED != 0 {
            found(&name, Err(Kind::Encrypted("zip")))?;
            continue;
        }
        left = left.checked_sub(size).ok_or_else(|| damaged("its files overlap"))?;
        let mut local = [0; LOCAL_HEADER];
        source.seek(SeekFrom::Start(at))?;
        source.read_exact(&mut local)?;
        if !local.starts_with(MAGIC) {
            return Err(damaged("a file is not where the directory says"));
        }
        source.seek_relative(i64::from(half(&local, 26)) + i64::from(half(&local, 28)))?;
        let mut content = BufReader::new((&mut *source).take(size));
        match method {
            STORED => found(&name, Ok((&mut content, unpacked)))?,
            DEFLATED => found(&name, Ok((&mut DeflateDecoder::new(content), unpacked)))?,
            BZIP2 => found(&name, Ok((&mut bzip2::Reader::new(content), unpacked)))?,
            ZSTD => found(&name, Ok((&mut zstd::reader(content)?, unpacked)))?,
            XZ => found(&name, Ok((&mut xz::Reader::new(content)?, unpacked)))?,
            _ => found(&name, Err(Kind::Compressed("zip")))?,
        }
    }
    Ok(())
}

/// The two sizes of a file and its place, which stand in the extra field of zip64 where they are too large for
/// the header.
fn numbers(header: &[u8], mut extra: &[u8]) -> io::Result<[u64; 3]> {
    let own = [24, 20, 42].map(|at| word(header, at));
    if !own.contains(&u32::MAX) {
        return Ok(own.map(u64::from));
    }
    let mut large = &[][..];
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (field, rest) = rest
            .split_at_checked(half(head, 2).into())
            .ok_or_else(|| damaged("an extra field ends in the middle"))?;
        if half(head, 0) == EXTRA_64 {
            large = field;
            break;
        }
        extra = rest;
    }
    let mut numbers = [0; 3];
    for (number, own) in numbers.iter_mut().zip(own) {
        *number = match own {
            u32::MAX => {
                let (field, rest) = large
                    .split_at_checked(8)
                    .ok_or_else(|| damaged("a number of zip64 is missing"))?;
                large = rest;
                long(field, 0)
            }
            number => number.into(),
        };
    }
    Ok(numbers)
}

/// The directory, which is said at the end to be where it is.
fn directory(source: &mut dyn Source) -> io::Result<Vec<u8>> {
    let size = source.seek(SeekFrom::End(0))?;
    let tail = size.min((LOCATOR_SIZE + END_HEADER + COMMENT) as u64);
    source.seek(SeekFrom::Start(size - tail))?;
    let mut end = Vec::new();
    (&mut *source).take(tail).read_to_end(&mut end)?;
    let begin = end.windows(END_HEADER).rposition(|window| window.starts_with(END));
    let begin = begin.ok_or_else(|| damaged("it has no directory"))?;
    let (before, end) = end.split_at(begin);
    let locator = before.len().checked_sub(LOCATOR_SIZE).map(|at| &before[at..]);
    let locator = locator.filter(|locator| locator.starts_with(LOCATOR));
    let (length, at) = match locator {
        Some(locator) => {
            let mut end = [0; END_64_HEADER];
            source.seek(SeekFrom::Start(long(locator, 8)))?;
            source.read_exact(&mut end)?;
            if !end.starts_with(END_64) {
                return Err(damaged("the end of zip64 is not where it says"));
            }
            (long(&end, 40), long(&end, 48))
        }
        None => (word(end, 12).into(), word(end, 16).into()),
    };
    if at.checked_add(length).is_none_or(|end| end > size) {
        return Err(damaged("its directory is not in it"));
    }
    if length > LARGEST_DIRECTORY {
        return Err(damaged("its directory is larger than is read"));
    }
    source.seek(SeekFrom::Start(at))?;
    let mut directory = Vec::new();
    source.take(length).read_to_end(&mut directory)?;
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

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}
