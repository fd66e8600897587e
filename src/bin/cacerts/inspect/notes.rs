//! The notes of an ELF file, of which it picks out those of cacerts. It may use `object`.
//!
//! Linkers put the notes of a program into one segment or into several, next to each other or with gaps.
//! mold says of all of them that they are aligned to eight bytes, though most of them are to four, and so
//! what the headers say of the alignment is not asked: a note is where reading at four or at eight bytes
//! leads, without a rest. Ours are aligned to four.

use object::{Endian, Endianness};
use std::collections::BTreeSet;

/// The notes' name, and their types, as the library and the drop-ins write them.
const NAME: &[u8] = b"cacerts\0";
const LIBRARY: u32 = 0xcace_0001;
const DROP_IN: u32 = 0xcace_0002;
/// So many different notes of a type are kept: more than any program has, and not all that a file can
/// be filled with.
pub(crate) const MOST_NOTES: usize = 64;
/// The longest text of a note, 64 KiB: some hundred paths.
const LONGEST: usize = 64 << 10;
/// The size of a note's head: of its name, of its text, and its type.
const HEAD: usize = 12;
/// How cacerts notes are aligned, wherever they stand.
const OWN: usize = 4;

/// The descriptions of the cacerts notes of a file.
#[derive(Clone, Default)]
pub(crate) struct Found {
    /// Of the library; each, where different parts have brought one.
    pub(crate) library: BTreeSet<Vec<u8>>,
    /// Of the drop-ins.
    pub(crate) drop_ins: BTreeSet<Vec<u8>>,
}

pub(crate) struct Reader {
    endian: Endianness,
    /// How much may still be read: no part of a file is a part of two notes.
    left: usize,
    found: Found,
    too_long: bool,
}

impl Reader {
    /// For a file of that size.
    pub(crate) fn new(endian: Endianness, size: usize) -> Self {
        Self { endian, left: size, found: Found::default(), too_long: false }
    }

    /// Takes those of a segment or a section. An error is a reason.
    pub(crate) fn read(&mut self, data: &[u8]) -> Result<(), String> {
        self.left = self.left.checked_sub(data.len()).ok_or("its notes overlap")?;
        let [mut by_four, mut by_eight] = [Vec::new(), Vec::new()];
        let fits = [
            self.walk(data, 4, |kind, text| by_four.push((kind, text))),
            self.walk(data, 8, |kind, text| by_eight.push((kind, text))),
        ];
        let all = [(fits[0], by_four), (fits[1], by_eight)];
        for (kind, text) in all.into_iter().filter(|(fits, _)| *fits).flat_map(|(_, notes)| notes) {
            let found =
                if kind == LIBRARY { &mut self.found.library } else { &mut self.found.drop_ins };
            if text.len() > LONGEST {
                self.too_long = true;
            } else if found.len() < MOST_NOTES {
                found.insert(text.to_vec());
            }
        }
        if fits == [false; 2] { Err("a note leads out of its segment".to_owned()) } else { Ok(()) }
    }

    /// What was found in all of them.
    pub(crate) fn found(&self) -> Result<Found, String> {
        match self.too_long {
            true => Err(format!("a cacerts note is longer than {} KiB", LONGEST >> 10)),
            false => Ok(self.found.clone()),
        }
    }

    /// Whether the notes can be read at this alignment; tells of each of ours.
    fn walk<'a>(&self, data: &'a [u8], align: usize, mut own: impl FnMut(u32, &'a [u8])) -> bool {
        let mut at = 0;
        while data.len() - at >= 4 {
            let Some(name_size) = self.number(data, at) else { return false };
            if name_size == 0 {
                // No note is without a name: what aligns the next one.
                at += 4;
                continue;
            }
            let (Some(text_size), Some(kind)) =
                (self.number(data, at + 4), self.number(data, at + 8))
            else {
                return false;
            };
            let part = |at: usize, size: u32, align| {
                let end = at.checked_add(usize::try_from(size).ok()?)?;
                Some((data.get(at..end)?, end.checked_next_multiple_of(align)?))
            };
            let is_own = data[at + HEAD..].starts_with(NAME) && name_size as usize == NAME.len();
            let align_text = if is_own { OWN } else { align };
            let Some((_, text_at)) = part(at + HEAD, name_size, align_text) else { return false };
            let Some((text, next)) = part(text_at, text_size, align) else { return false };
            if is_own && matches!(kind, LIBRARY | DROP_IN) {
                own(kind, text);
            }
            // The last one need not be filled up.
            at = next.min(data.len());
        }
        data[at..].iter().all(|&byte| byte == 0)
    }

    fn number(&self, data: &[u8], at: usize) -> Option<u32> {
        let bytes = data.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(self.endian.read_u32_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::{DROP_IN, LIBRARY, LONGEST, Reader};
    use object::Endianness;

    fn note(name: &[u8], kind: u32, text: &[u8], align: usize) -> Vec<u8> {
        let mut note = Vec::new();
        for number in [name.len() as u32, text.len() as u32, kind] {
            note.extend(number.to_le_bytes());
        }
        for part in [name, text] {
            note.extend(part);
            note.resize(note.len().next_multiple_of(align), 0);
        }
        note
    }

    fn read(data: &[u8]) -> Result<(usize, usize), String> {
        let mut reader = Reader::new(Endianness::Little, data.len());
        reader.read(data)?;
        let found = reader.found()?;
        Ok((found.library.len(), found.drop_ins.len()))
    }

    /// As the linkers have them.
    #[test]
    fn notes_are_read_wherever_they_stand() {
        let own = |text: &[u8]| note(b"cacerts\0", LIBRARY, text, 4);
        let drop_in = note(b"cacerts\0", DROP_IN, b"ab", 4);
        let property = note(b"GNU\0", 5, &[1; 16], 8);
        let build_id = note(b"GNU\0", 3, &[2; 20], 4);
        let odd = note(b"FreeBSD\0", 1, &[3; 4], 8);
        for (notes, found) in [
            (&[&own(b"a")[..], &build_id][..], (1, 0)),
            // All in one, as mold does.
            (&[&property, &own(b"abcde"), &build_id], (1, 0)),
            (&[&property, &build_id, &own(b"abcde"), &drop_in], (1, 1)),
            // With a gap.
            (&[&build_id, &own(b"abcde"), &[0; 4], &property], (1, 0)),
            (&[&own(b"abcde"), &[0; 4], &property, &[0; 12], &drop_in], (1, 1)),
            // All of them by eight.
            (&[&odd, &property], (0, 0)),
            (&[&odd, &own(b"abcde"), &[0; 4], &odd, &drop_in], (1, 1)),
            (&[&own(b"a"), &own(b"b"), &own(b"a")], (2, 0)),
            (&[&note(b"cacerts\0", 1, b"a", 4), &note(b"cacerts", LIBRARY, b"a", 4)], (0, 0)),
            (&[&[0; 40]], (0, 0)),
            (&[], (0, 0)),
        ] {
            assert_eq!(read(&notes.concat()), Ok(found), "{notes:?}");
        }
        // Not filled up at the end.
        let whole = own(b"abcde");
        assert_eq!(read(&whole[..whole.len() - 3]), Ok((1, 0)));
        assert_eq!(read(&whole[..whole.len() - 4]), Err("a note leads out of its segment".into()));
        assert_eq!(read(&[1; 11]), Err("a note leads out of its segment".into()));
    }

    #[test]
    fn what_is_read_is_bounded() {
        let long = |size| read(&note(b"cacerts\0", LIBRARY, &vec![b'a'; size], 4));
        assert_eq!(long(LONGEST), Ok((1, 0)));
        assert_eq!(long(LONGEST + 1), Err("a cacerts note is longer than 64 KiB".into()));
        let all = note(b"cacerts\0", LIBRARY, b"a", 4);
        let mut reader = Reader::new(Endianness::Little, all.len() * 2 - 1);
        assert_eq!(reader.read(&all), Ok(()));
        assert_eq!(reader.read(&all), Err("its notes overlap".into()));
    }
}
