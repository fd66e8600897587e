//! Decompresses xz. It may use `lzma-rust2`, which reads the LZMA2 in it and undoes the filters before it.
//!
//! The container is read here, because there is no limit in the crate's own reader to the memory that a
//! file can ask for. Not checked: checksums, the index and the footer; whoever has changed the file can have
//! changed them, too.

use super::archive::{damaged, skip};
use lzma_rust2::Lzma2Reader;
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::delta::DeltaReader;
use std::io::{self, Chain, Cursor, ErrorKind, Read};

const MAGIC: &[u8] = b"\xfd7zXZ\0";
/// The largest window, 64 MiB, that of `xz -9`.
const LARGEST_WINDOW: u64 = 64 << 20;
/// And the smallest, that of the format.
const SMALLEST_WINDOW: u32 = 4 << 10;
/// So much is read of a block before its window is made, 256 KiB: what comes after costs as much.
const AHEAD: usize = 256 << 10;
const LZMA2: u64 = 0x21;
const DELTA: u64 = 3;
/// The flags of a block: how many filters it has, less one; none of these; and whether its sizes are said.
const FILTERS: u8 = 3;
const RESERVED: u8 = 0x3c;
const SIZES: [u8; 2] = [0x40, 0x80];

pub(crate) struct Reader<'a, R: Read> {
    state: State<'a, R>,
    /// How long the checksum after each block is.
    check: u64,
}

enum State<'a, R: Read> {
    Stream(Counted<R>),
    Block(Layers<'a, R>),
    /// After an error, or at the end.
    Over,
}

/// Says how much has been read, because what follows begins at a multiple of four.
struct Counted<R> {
    reader: R,
    count: u64,
}

type Layers<'a, R> = Box<dyn Layer<R> + 'a>;

/// LZMA2, or a filter that is undone after it.
trait Layer<R>: Read {
    /// What is under all of them.
    fn under(self: Box<Self>) -> Counted<R>;
}

impl<R: Read> Layer<R> for Lzma2Reader<Ahead<R>> {
    fn under(self: Box<Self>) -> Counted<R> {
        self.into_inner().into_inner().1
    }
}

impl<'a, R> Layer<R> for BcjReader<Layers<'a, R>> {
    fn under(self: Box<Self>) -> Counted<R> {
        self.into_inner().under()
    }
}

impl<'a, R> Layer<R> for DeltaReader<Layers<'a, R>> {
    fn under(self: Box<Self>) -> Counted<R> {
        self.into_inner().under()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.reader.read(buffer)?;
        self.count += size as u64;
        Ok(size)
    }
}

impl<R: Read> Counted<R> {
    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number of xz is too long"))
    }

    fn pad(&mut self) -> io::Result<()> {
        let padding = self.count.next_multiple_of(4) - self.count;
        skip(self, padding)
    }
}

impl<'a, R: Read + 'a> Reader<'a, R> {
    pub(crate) fn new(reader: R) -> io::Result<Self> {
        let mut reader = Counted { reader, count: 0 };
        let mut magic = [0; MAGIC.len()];
        reader.read_exact(&mut magic)?;
        let check = check(&magic, &mut reader)?;
        Ok(Self { state: State::Stream(reader), check })
    }

    /// The next block, or that of the next stream; nothing at the end.
    fn block(&mut self, mut reader: Counted<R>) -> io::Result<State<'a, R>> {
        loop {
            let size = reader.byte()?;
            if size != 0 {
                return Ok(State::Block(block(reader, u64::from(size) * 4 + 3)?));
            }
            // The index: of each block two sizes, and after it a checksum and the footer.
            for _ in 0..reader.number()? {
                reader.number()?;
                reader.number()?;
            }
            reader.pad()?;
            skip(&mut reader, 4 + 12)?;
            // Between streams there may be zeros, four by four.
            let magic = loop {
                let mut begin = Vec::new();
                (&mut reader).take(4).read_to_end(&mut begin)?;
                match begin[..] {
                    [] => return Ok(State::Over),
                    [0, 0, 0, 0] => {}
                    _ => break begin,
                }
            };
            let mut rest = [0; 2];
            reader.read_exact(&mut rest)?;
            self.check = check(&[&magic[..], &rest].concat(), &mut reader)?;
        }
    }
}

/// The rest of a stream's header: how long its checksums are.
fn check<R: Read>(magic: &[u8], reader: &mut Counted<R>) -> io::Result<u64> {
    let (null, flags) = (reader.byte()?, reader.byte()?);
    skip(reader, 4)?;
    if magic != MAGIC || null != 0 || flags > 0xf {
        return Err(damaged("a header of xz is none"));
    }
    Ok([0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64][usize::from(flags)])
}

/// The reader under LZMA2, with what has been read ahead of it.
type Ahead<R> = Chain<Cursor<Vec<u8>>, Counted<R>>;

/// What reads a block, by the rest of its header, which is so long.
fn block<'a, R: Read + 'a>(mut reader: Counted<R>, size: u64) -> io::Result<Layers<'a, R>> {
    let end = reader.count + size;
    let flags = reader.byte()?;
    for flag in SIZES {
        if flags & flag != 0 {
            reader.number()?;
        }
    }
    if flags & RESERVED != 0 {
        return Err(damaged("a header of xz is none"));
    }
    let mut filters = Vec::new();
    for _ in 0..=flags & FILTERS {
        let (filter, size) = (reader.number()?, reader.number()?);
        let mut properties = [0; 4];
        let properties = usize::try_from(size).ok().and_then(|size| properties.get_mut(..size));
        let properties = properties.ok_or_else(|| damaged("a filter of xz is none"))?;
        reader.read_exact(properties)?;
        filters.push((filter, properties.to_vec()));
    }
    let left =
        end.checked_sub(reader.count).ok_or_else(|| damaged("a header of xz is too short"))?;
    skip(&mut reader, left)?;
    // The last one is undone first.
    let mut layers: Option<Layers<'a, R>> = None;
    let mut reader = Some(reader);
    for (filter, properties) in filters.into_iter().rev() {
        layers = Some(match (layers, reader.take()) {
            (None, Some(mut reader)) => {
                let (ahead, window) = ahead(&mut reader, window(filter, &properties)?)?;
                Box::new(Lzma2Reader::new(Cursor::new(ahead).chain(reader), window, None))
            }
            (Some(layer), _) => undo(filter, &properties, layer)?,
            (None, None) => return Err(damaged("a header of xz is none")),
        });
    }
    layers.ok_or_else(|| damaged("a header of xz is none"))
}

/// The size of the window of LZMA2.
fn window(filter: u64, properties: &[u8]) -> io::Result<u32> {
    let (LZMA2, [bits]) = (filter, properties) else {
        return Err(damaged("xz without LZMA2 is not read"));
    };
    let window = match bits {
        0..=39 => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        _ => u64::MAX,
    };
    if window > LARGEST_WINDOW {
        return Err(damaged("it needs a window of more than 64 MiB"));
    }
    Ok(window as u32)
}

/// Reads as much of a block as tells whether it fills its window, and how much of the window it needs: that is
/// filled with zeros first, and there may be as many blocks as bytes.
fn ahead<R: Read>(reader: &mut Counted<R>, window: u32) -> io::Result<(Vec<u8>, u32)> {
    let (mut ahead, mut unpacked) = (Vec::new(), 0);
    while ahead.len() < AHEAD && unpacked < window {
        let chunk = ahead.len();
        ahead.push(reader.byte()?);
        let (header, has_content) = match ahead[chunk] {
            0 => return Ok((ahead, unpacked.max(SMALLEST_WINDOW))),
            1 | 2 => (2, false),
            // With its properties, or without.
            0xc0.. => (5, true),
            0x80.. => (4, true),
            _ => return Err(damaged("a part of xz is none")),
        };
        for _ in 0..header {
            ahead.push(reader.byte()?);
        }
        let number = |at| u32::from(u16::from_be_bytes([ahead[chunk + at], ahead[chunk + at + 1]]));
        let (size, packed) = match has_content {
            true => (u32::from(ahead[chunk] & 0x1f) << 16 | number(1), number(3)),
            false => (number(1), number(1)),
        };
        unpacked = unpacked.saturating_add(size + 1);
        let packed = u64::from(packed) + 1;
        if (&mut *reader).take(packed).read_to_end(&mut ahead)? as u64 != packed {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((ahead, window))
}

/// Undoes a filter that stands before LZMA2.
fn undo<'a, R: 'a>(
    filter: u64,
    properties: &[u8],
    layer: Layers<'a, R>,
) -> io::Result<Layers<'a, R>> {
    let start = match *properties {
        [] if filter != DELTA => 0,
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]) as usize,
        [distance] if filter == DELTA => {
            return Ok(Box::new(DeltaReader::new(layer, usize::from(distance) + 1)));
        }
        _ => return Err(damaged("a filter of xz is none")),
    };
    Ok(Box::new(match filter {
        4 => BcjReader::new_x86(layer, start),
        5 => BcjReader::new_ppc(layer, start),
        6 => BcjReader::new_ia64(layer, start),
        7 => BcjReader::new_arm(layer, start),
        8 => BcjReader::new_arm_thumb(layer, start),
        9 => BcjReader::new_sparc(layer, start),
        10 => BcjReader::new_arm64(layer, start),
        11 => BcjReader::new_riscv(layer, start),
        _ => return Err(damaged("it has a filter of xz that is not read")),
    }))
}

impl<'a, R: Read + 'a> Read for Reader<'a, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Stream(reader) => self.state = self.block(reader)?,
                State::Block(mut block) => match block.read(buffer)? {
                    0 => {
                        let mut reader = block.under();
                        reader.pad()?;
                        skip(&mut reader, self.check)?;
                        self.state = State::Stream(reader);
                    }
                    size => {
                        self.state = State::Block(block);
                        return Ok(size);
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use std::io::Read;

    /// One block with these filters and their properties before LZMA2, which has the content as it is.
    fn unpack(filters: &[&[u8]], content: &[u8]) -> Result<Vec<u8>, String> {
        let mut header = vec![0, filters.len() as u8];
        header.extend(filters.concat());
        header.extend([0x21, 1, 0x16]);
        header.resize(header.len().next_multiple_of(4) + 4, 0);
        header[0] = (header.len() / 4 - 1) as u8;
        let mut xz = b"\xfd7zXZ\0\0\0\0\0\0\0".to_vec();
        xz.extend(header);
        xz.extend([1, 0, content.len() as u8 - 1]);
        xz.extend(content);
        xz.push(0);
        xz.resize(xz.len().next_multiple_of(4), 0);
        // The index with its one block, and the footer.
        xz.extend([0, 1, 0x10, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, b'Y', b'Z']);
        let mut unpacked = Vec::new();
        let mut reader = Reader::new(&xz[..]).map_err(|e| e.to_string())?;
        reader.read_to_end(&mut unpacked).map_err(|e| e.to_string())?;
        Ok(unpacked)
    }

    #[test]
    fn filters_are_undone() {
        // A call, whose target is counted from the beginning and not from the call.
        let call = |target: [u8; 4]| [&[0x90; 4][..], &[0xe8], &target, &[0x90; 8]].concat();
        assert_eq!(unpack(&[], &call([0, 16, 0, 0])), Ok(call([0, 16, 0, 0])));
        assert_eq!(unpack(&[&[4, 0]], &call([0, 16, 0, 0])), Ok(call([0xf7, 15, 0, 0])));
        let start: &[u8] = &[4, 4, 7, 0, 0, 0];
        assert_eq!(unpack(&[start], &call([0, 16, 0, 0])), Ok(call([0xf0, 15, 0, 0])));
        assert_eq!(unpack(&[&[3, 1, 1]], &[1, 5, 1, 1]), Ok(vec![1, 5, 2, 6]));
        let both: &[&[u8]] = &[&[4, 0], &[3, 1, 0]];
        let differences = call([0, 16, 0, 0]);
        let mut last = 0_u8;
        let differences: Vec<_> = differences
            .iter()
            .map(|&byte| byte.wrapping_sub(std::mem::replace(&mut last, byte)))
            .collect();
        assert_eq!(unpack(both, &differences), Ok(call([0xf7, 15, 0, 0])));
    }

    #[test]
    fn what_is_no_filter_is_told() {
        for filter in
            [&[12_u8, 0][..], &[4, 1, 0], &[3, 0], &[4, 5, 0, 0, 0, 0, 0], &[0x21, 1, 0x16]]
        {
            let said = unpack(&[filter], b"abc").unwrap_err();
            assert!(said.contains("filter of xz"), "{filter:?}: {said}");
        }
    }
}
