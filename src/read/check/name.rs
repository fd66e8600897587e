//! The canonical form of names: what OpenSSL takes for the same has the same hash. It may use `der` and
//! `name`.

use crate::read::der::{self, SEQUENCE, SET, encode};
use crate::read::name;

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;

/// What a name is made of: of each attribute whether it begins a set, its type's last number, and its text.
type Parts<'a> = Vec<(bool, u8, &'a str)>;

/// Panics where the same name, written in another way, has another hash; or another name the same.
pub(crate) fn check(bytes: &[u8]) {
    // Whatever it is, there is an answer.
    let _ = (name::hash(bytes), name::spoken(bytes));
    let Some(parts) = parts(bytes) else { return };
    let hash = |tag: u8, change: &dyn Fn(&str) -> String| {
        name::hash(&written(&parts, tag, change)).expect("it is a name")
    };
    let plain = hash(UTF8, &str::to_owned);
    for tag in [BMP, UNIVERSAL, UTF8] {
        assert_eq!(hash(tag, &|text| swapped(text)), plain, "case, {tag:x}: {parts:?}");
        let blanks = |text: &str| format!("\t {} \n", text.replace(' ', " \r "));
        assert_eq!(hash(tag, &blanks), plain, "blanks, {tag:x}: {parts:?}");
    }
    if parts.iter().all(|(.., text)| text.is_ascii()) {
        assert_eq!(hash(PRINTABLE, &str::to_owned), plain, "{parts:?}");
        assert_eq!(hash(IA5, &swapped), plain, "{parts:?}");
    }
    if !parts.is_empty() {
        assert_ne!(hash(UTF8, &|text| format!("{text}.")), plain, "{parts:?}");
        assert_ne!(hash(UTF8, &|text| format!(". {text}")), plain, "{parts:?}");
    }
    // Those of one set have no order.
    let mut turned = Parts::new();
    let mut sets: Vec<Parts<'_>> = Vec::new();
    for part in &parts {
        match sets.last_mut().filter(|_| !part.0) {
            Some(set) => set.push(*part),
            None => sets.push(vec![*part]),
        }
    }
    for mut set in sets {
        set.reverse();
        let begins = |(at, (_, kind, text))| (at == 0, kind, text);
        turned.extend(set.into_iter().enumerate().map(begins));
    }
    let turned = name::hash(&written(&turned, UTF8, &str::to_owned));
    assert_eq!(turned, Some(plain), "order: {parts:?}");
}

/// Lines: the first byte says what begins, and of which type it is.
fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let mut parts = Parts::new();
    for line in bytes.split(|byte| *byte == b'\n').take(8) {
        let (first, text) = line.split_first()?;
        let text = std::str::from_utf8(text).ok().filter(|text| text.len() < 200)?;
        // BMPString has no others.
        let is_plain = |c: char| u32::from(c) < 0x1_0000 && (c == ' ' || !c.is_ascii_control());
        text.chars().all(is_plain).then_some(())?;
        parts.push((parts.is_empty() || first & 1 == 0, first >> 1 & 0x0f, text));
    }
    Some(parts)
}

fn swapped(text: &str) -> String {
    let other = |c: char| match c.is_ascii_lowercase() {
        true => c.to_ascii_uppercase(),
        false => c.to_ascii_lowercase(),
    };
    text.chars().map(other).collect()
}

/// What is in the name's SEQUENCE.
fn written(parts: &Parts<'_>, tag: u8, change: &dyn Fn(&str) -> String) -> Vec<u8> {
    let mut sets: Vec<Vec<u8>> = Vec::new();
    for (begins, kind, text) in parts {
        let text = change(text);
        let value = match tag {
            BMP => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            UNIVERSAL => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
            _ => text.into_bytes(),
        };
        let kind = encode(der::OID, &[0x55, 4, *kind]);
        let attribute = encode(SEQUENCE, &[kind, encode(tag, &value)].concat());
        match sets.last_mut().filter(|_| !begins) {
            Some(set) => set.extend(attribute),
            None => sets.push(attribute),
        }
    }
    sets.iter().flat_map(|set| encode(SET, set)).collect()
}
