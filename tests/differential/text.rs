//! Writes bundles, plainly and as people write them by hand. It may use `case` and `random`.

use crate::case::Entry;
use crate::random::Random;

/// What a file looks like.
struct Style {
    columns: usize,
    ending: &'static str,
    label: &'static str,
    comments: bool,
    indented: bool,
}

const PLAIN: Style =
    Style { columns: 64, ending: "\n", label: "CERTIFICATE", comments: false, indented: false };

const STYLES: [Style; 8] = [
    PLAIN,
    Style { ending: "\r\n", ..PLAIN },
    Style { ending: "\r", ..PLAIN },
    Style { comments: true, ..PLAIN },
    Style { columns: 76, ..PLAIN },
    Style { columns: usize::MAX, ..PLAIN },
    Style { label: "X509 CERTIFICATE", ..PLAIN },
    Style { indented: true, ending: " \n", comments: true, ..PLAIN },
];

/// A bundle in one of many ways that amount to the same; more often than not the plain one.
pub(crate) fn bundle(entries: &[Entry], random: &mut Random) -> Vec<u8> {
    let style = if random.percent(60) { &PLAIN } else { random.pick(&STYLES) };
    let mixed = random.percent(10);
    let mut text = String::new();
    if random.percent(3) {
        text.push('\u{feff}');
    }
    for entry in entries {
        let style = if mixed { random.pick(&STYLES) } else { style };
        if style.comments {
            text += *random.pick(&["# a comment", "", "Subject: CN = somebody", "---- text ----"]);
            text += style.ending;
        }
        let block = block(&entry.der, style);
        text += &if entry.unreadable { unreadable(&block, style, random) } else { block };
    }
    if random.percent(5) {
        text.truncate(text.trim_end().len());
    }
    text.into_bytes()
}

/// A certificate in the plain form.
pub(crate) fn certificate(der: &[u8]) -> String {
    block(der, &PLAIN)
}

fn block(der: &[u8], style: &Style) -> String {
    let Style { ending, label, .. } = style;
    let base64 = base64(der);
    let indent = if style.indented { "  " } else { "" };
    let mut text = format!("{indent}-----BEGIN {label}-----{ending}");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(style.columns));
        text += indent;
        text += line;
        text += ending;
        rest = after;
    }
    text + &format!("{indent}-----END {label}-----{ending}")
}

/// A block that claims to be a certificate, of which none can be read, and which leaves those
/// beside it alone.
fn unreadable(block: &str, style: &Style, random: &mut Random) -> String {
    let end = block.rfind("-----END").unwrap();
    match random.below(6) {
        0 => block[..end].to_owned(),
        1 => block.replacen(style.label, &style.label.to_lowercase(), 1),
        2 => format!("{}!{}{}", &block[..end], style.ending, &block[end..]),
        3 => format!("{}-----END PRIVATE KEY-----{}", &block[..end], style.ending),
        4 => block.replacen("-----BEGIN", "----BEGIN", 1),
        _ => block.replacen("MI", "M-", 1),
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |index| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap();
            text.push(if digit <= three.len() { DIGITS[index].into() } else { '=' });
        }
    }
    text
}
