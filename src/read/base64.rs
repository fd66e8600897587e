//! Base64 (RFC 4648, section 4) as every tool writes it: padded, nothing but line ends between the
//! characters, and zeros for the bits that are left over. It uses nothing else of this crate.
//!
//! What it does not understand it gives `None` for; the decoder of rustls-pki-types takes more.

/// What a text stands for that has a line end (LF) behind each so many characters, a multiple of four,
/// and none at its end.
pub(super) fn decode(text: &[u8], columns: usize) -> Option<Vec<u8>> {
    let (text, last) = text.split_last_chunk()?;
    let mut bytes = vec![0; (text.len() / 4 + 1) * 3];
    let (mut rest, mut all) = (bytes.as_mut_slice(), 0);
    for line in text.chunks(columns.saturating_add(1)) {
        let (line, end) = line.split_at(line.len().min(columns));
        let expected: &[u8] = if line.len() < columns { b"" } else { b"\n" };
        if line.len() % 4 != 0 || end != expected {
            return None;
        }
        let (decoded, behind) = rest.split_at_mut(line.len() / 4 * 3);
        let (mut sixes, eights) = (decoded.chunks_exact_mut(6), line.chunks_exact(8));
        let last = eights.remainder();
        for (bytes, characters) in sixes.by_ref().zip(eights) {
            let (high, low) = (three(characters.first_chunk()?), three(characters.last_chunk()?));
            let value = u64::from(high) << 40 | u64::from(low) << 16;
            bytes.copy_from_slice(&value.to_be_bytes()[..6]);
            all |= high | low;
        }
        if let Some(characters) = last.first_chunk() {
            let value = three(characters);
            sixes.into_remainder().copy_from_slice(&value.to_be_bytes()[1..]);
            all |= value;
        }
        rest = behind;
    }
    let (value, length) = match *last {
        [a, b, b'=', b'='] => (three(&[a, b, b'A', b'A']), 1),
        [a, b, c, b'='] => (three(&[a, b, c, b'A']), 2),
        _ => (three(last), 3),
    };
    let value_bytes = value.to_be_bytes();
    let (last, left_over) = value_bytes[1..].split_at(length);
    if all | value >= NONE || left_over.iter().any(|byte| *byte != 0) {
        return None;
    }
    rest.get_mut(..length)?.copy_from_slice(last);
    let too_many = rest.len() - length;
    bytes.truncate(bytes.len() - too_many);
    Some(bytes)
}

/// The three bytes that four characters stand for; at least [`NONE`] if one of them stands for
/// nothing.
#[inline(always)]
pub(super) fn three(&[a, b, c, d]: &[u8; 4]) -> u32 {
    VALUES[0][usize::from(a)]
        | VALUES[1][usize::from(b)]
        | VALUES[2][usize::from(c)]
        | VALUES[3][usize::from(d)]
}

pub(super) const NONE: u32 = 1 << 24;

/// What each character stands for at each of its four places.
static VALUES: [[u32; 256]; 4] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [[NONE; 256]; 4];
    let mut value = 0;
    while value < alphabet.len() {
        let mut place = 0;
        while place < 4 {
            values[place][alphabet[value] as usize] = (value as u32) << (18 - 6 * place);
            place += 1;
        }
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::decode;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    /// All lengths, so that the padding and the end of a line stand everywhere.
    #[test]
    fn what_is_written_can_be_read() {
        let bytes: Vec<u8> =
            (0..=255).cycle().map(|byte: u8| byte.wrapping_mul(151)).take(300).collect();
        for length in 1..bytes.len() {
            let text = BASE64_STANDARD.encode(&bytes[..length]);
            assert_eq!(decode(text.as_bytes(), usize::MAX).as_deref(), Some(&bytes[..length]));
            for columns in [4, 64, 76] {
                let lines: Vec<_> = text.as_bytes().chunks(columns).collect();
                let text = lines.join(&b'\n');
                assert_eq!(decode(&text, columns).as_deref(), Some(&bytes[..length]));
                let with_end = [&text, &b"\n"[..]].concat();
                assert_eq!(decode(&with_end, columns), None, "{length} in {columns} columns");
            }
        }
    }

    /// A byte that is changed, added or left out is refused, or read as the crate base64 reads it.
    #[test]
    fn nothing_else_is_read() {
        for text in [&b"QUJDREVGR0g="[..], b"QUJDREVGRw==", b"QUJDREVGR0hJ"] {
            for at in 0..text.len() {
                for byte in 0..=255 {
                    let (before, rest) = text.split_at(at);
                    for text in [
                        [before, &[byte], rest].concat(),
                        [before, &[byte], &rest[1..]].concat(),
                        [before, &rest[1..]].concat(),
                    ] {
                        let expected = BASE64_STANDARD.decode(&text).ok();
                        assert_eq!(decode(&text, usize::MAX), expected, "{text:?}");
                    }
                }
            }
        }
        assert_eq!(decode(b"", 64), None);
        assert_eq!(decode(b"QUJD\rREVG", 4), None, "another line end");
        assert_eq!(decode(b"QUJDREVG", 4), None, "a line end is missing");
        assert_eq!(decode(b"QUJ\nDREVG", 4), None, "a line end elsewhere");
    }
}
