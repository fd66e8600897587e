//! The bytes of a file, which are in memory where it is small, and read where they stand where it is not. It
//! may use `object`.

use object::read::{ReadCache, ReadRef};
use std::cell::Cell;
use std::fs::File;
use std::ops::Range;

/// How much is read of a large file, 32 MiB: headers, notes, and the names of libraries.
const MOST: u64 = 32 << 20;

#[derive(Clone, Copy)]
pub(crate) enum Data<'a> {
    Memory(&'a [u8]),
    /// The part of a file that begins here and has this size.
    File(&'a File, u64, u64),
}

impl<'a> Data<'a> {
    /// A part of it.
    pub(crate) fn part(self, Range { start, end }: Range<u64>) -> Option<Self> {
        match self {
            Self::Memory(bytes) => {
                let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
                bytes.get(range).map(Self::Memory)
            }
            Self::File(file, begin, size) => {
                let is_in = start <= end && end <= size;
                is_in.then(|| Self::File(file, begin + start, end - start))
            }
        }
    }

    pub(crate) fn begins_with(self, begin: &[u8]) -> bool {
        match self {
            Self::Memory(bytes) => bytes.starts_with(begin),
            Self::File(file, at, size) => {
                let cache = Cache::new(file, at, size);
                (&cache).read_bytes_at(0, begin.len() as u64) == Ok(begin)
            }
        }
    }
}

/// What has been read of a part of a file.
pub(crate) struct Cache<'a> {
    cache: ReadCache<&'a File>,
    begin: u64,
    size: u64,
    /// How much may still be read; `None` when there was too little left.
    left: Cell<Option<u64>>,
}

impl<'a> Cache<'a> {
    pub(crate) fn new(file: &'a File, begin: u64, size: u64) -> Self {
        let left = Cell::new(Some(MOST));
        Self { cache: ReadCache::new(file), begin, size, left }
    }

    /// Whether more was wanted than is read.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.left.get().is_none()
    }
}

impl<'a> ReadRef<'a> for &'a Cache<'_> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.size)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        if offset.checked_add(size).is_none_or(|end| end > self.size) {
            return Err(());
        }
        self.left.set(self.left.get().and_then(|left| left.checked_sub(size)));
        self.left.get().ok_or(())?;
        (&self.cache).read_bytes_at(self.begin + offset, size)
    }

    /// Nobody here reads to what is not known.
    fn read_bytes_at_until(self, _: Range<u64>, _: u8) -> Result<&'a [u8], ()> {
        Err(())
    }
}
