//! What the modules of the formats have in common: whom they tell of the files in an archive, and what they
//! say of one that is damaged. It may use `kind`.

use super::kind::Kind;
use std::io::{self, ErrorKind, Read, Seek};

/// Told of each file: its name, and its content with the size that it is said to have (0 where nobody
/// says), or what it is where that cannot be read.
pub(crate) type Found<'a> = dyn FnMut(&str, Content<'_>) -> io::Result<()> + 'a;
pub(crate) type Content<'a> = Result<(&'a mut dyn Read, u64), Kind>;

pub(crate) trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// It is an error if there is not as much.
pub(crate) fn skip<R: Read + ?Sized>(mut reader: &mut R, size: u64) -> io::Result<()> {
    match io::copy(&mut (&mut reader).take(size), &mut io::sink())? == size {
        true => Ok(()),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

pub(crate) fn damaged(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}
