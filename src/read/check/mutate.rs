//! Changes a bundle so that it mostly stays one: line by line, with the words that readers look for.
//! It uses nothing else of this crate.

/// The pieces that decide what a reader makes of a line.
const WORDS: &[&[u8]] = &[
    b"-----BEGIN CERTIFICATE-----",
    b"-----END CERTIFICATE-----",
    b"-----BEGIN X509 CERTIFICATE-----",
    b"-----END X509 CERTIFICATE-----",
    b"-----BEGIN TRUSTED CERTIFICATE-----",
    b"-----END TRUSTED CERTIFICATE-----",
    b"-----BEGIN PRIVATE KEY-----",
    b"-----END PRIVATE KEY-----",
    b"-----BEGIN CERTIFICATE- ----",
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"BEGIN CERTIFICATE ",
    b"CERTIFICATE",
    b"X509 ",
    b"-",
    b" ",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\0",
    b"=",
    b"!",
    b"# ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\x80",
    b"MIIB",
    b"AAAA",
    b"Proc-Type: 4\n\n",
    b"[p11-kit-object-v1]\n",
    b"trusted: true\n",
    b"x-distrusted: true\n",
];

/// Changes a file in one to four places; the same number gives the same changes.
pub(crate) fn mutate(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(Vec::from).collect();
    for _ in 0..=random.below(4) {
        if lines.is_empty() {
            lines.push(Vec::new());
        }
        change(&mut lines, &mut random);
    }
    lines.concat()
}

fn change(lines: &mut Vec<Vec<u8>>, random: &mut Random) {
    let at = random.line(lines);
    let word = WORDS[random.below(WORDS.len())];
    let column = random.below(lines[at].len() + 1);
    let end = lines[at].trim_ascii_end().len();
    match random.below(14) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(random.below(lines.len() + 1), lines[at].clone()),
        2 => {
            let other = random.line(lines);
            lines.swap(at, other);
        }
        3 => lines[at] = [word, b"\n"].concat(),
        4 => lines.insert(at, [word, b"\n"].concat()),
        5 => drop(lines[at].splice(0..0, word.iter().copied())),
        6 => drop(lines[at].splice(end..end, word.iter().copied())),
        7 => drop(lines[at].splice(column..column, word.iter().copied())),
        8 => drop(lines[at].splice(column.saturating_sub(1)..column, [])),
        9 => lines[at].truncate(end),
        // The line stays as long as it is.
        10 if column + word.len() <= end => {
            lines[at][column..column + word.len()].copy_from_slice(word);
        }
        11 => {
            let ending: &[u8] = [&b"\r\n"[..], b"\r", b" \n", b"\t\n", b"\n\n"][random.below(5)];
            for line in if random.below(2) == 0 { &mut lines[..] } else { &mut lines[at..=at] } {
                line.truncate(line.trim_ascii_end().len());
                line.extend(ending);
            }
        }
        // Some lines go somewhere else, once more or away.
        12 => {
            let to = (at + random.below(12)).min(lines.len());
            let part: Vec<_> = match random.below(3) {
                0 => lines[at..to].to_vec(),
                _ => lines.drain(at..to).collect(),
            };
            if random.below(3) != 0 {
                let to = random.below(lines.len() + 1);
                lines.splice(to..to, part);
            }
        }
        _ => {
            if let Some(byte) = lines[at].get_mut(column) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % end as u64) as usize
    }

    /// A line, and often one that marks a block.
    fn line(&mut self, lines: &[Vec<u8>]) -> usize {
        let any = self.below(lines.len());
        let marks = |at: &usize| lines[*at].windows(5).any(|window| window == b"-----");
        if self.below(2) == 0 { any } else { (any..lines.len()).find(marks).unwrap_or(any) }
    }
}
