//! Chance, and what it makes of a file.

/// How large a file is made, 512 KiB.
pub(crate) const MOST: usize = 512 << 10;
/// Where the numbers of a header stand.
const HEADER: usize = 600;

/// SplitMix64: always the same numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below an end.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Rather a small one.
    pub(crate) fn size(&mut self, end: usize) -> usize {
        let bits = self.below(end.max(2).ilog2() as usize + 1);
        self.below(end.min(2 << bits))
    }

    pub(crate) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// A number at the edge of what may be there, in a file of that size.
    pub(crate) fn number(&mut self, size: usize) -> u64 {
        let size = size as u64;
        let any = self.next() >> self.below(64);
        *self.one(&[
            0,
            1,
            4,
            size,
            size - 1,
            size / 2,
            0xff,
            0xffff,
            0x7fff_ffff,
            u64::from(u32::MAX),
            u64::from(u32::MAX) - 3,
            i64::MAX as u64,
            u64::MAX,
            u64::MAX - 511,
            any,
        ])
    }
}

/// The same with some changes.
pub(crate) fn change(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _ in 0..=random.below(8) {
        if bytes.is_empty() {
            break;
        }
        let size = bytes.len();
        let end = if random.below(2) == 0 { size } else { size.min(HEADER) };
        let at = random.below(end);
        let length = random.size(4096).min(size - at);
        match random.below(10) {
            0..=3 => {
                let number = random.number(size);
                let width = *random.one(&[1, 2, 4, 8]);
                let number = match random.below(3) {
                    0 => number.to_be_bytes()[8 - width..].to_vec(),
                    1 => number.to_le_bytes()[..width].to_vec(),
                    // As tar, cpio and ar have them.
                    _ => format!("{number:o}").into_bytes(),
                };
                let at = if random.below(4) == 0 { at } else { at & !(width - 1) };
                let width = number.len().min(size - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            4 => bytes[at] = random.below(256) as u8,
            5 => bytes.truncate(at),
            6 => {
                let times = random.size((MOST - size.min(MOST)) / length.max(1));
                let part = bytes[at..at + length].repeat(times);
                bytes.splice(at..at, part);
            }
            7 => {
                let from = random.below(size - length + 1);
                bytes.copy_within(from..from + length, at);
            }
            8 => drop(bytes.drain(at..at + length)),
            _ => bytes[at..at + length].fill(*random.one(&[0, 0xff, b'9'])),
        }
    }
    bytes
}

/// Gives each header of a tar archive its right checksum, without which it is not read.
pub(crate) fn sum(tar: &mut [u8]) {
    for block in tar.chunks_exact_mut(512) {
        if block[257..].starts_with(b"ustar") {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}
