//! What files, names and peers say, as it may be shown: nothing in it that a terminal obeys or a reader
//! cannot see, and not without end. It uses nothing else of this crate; the commands have it by `#[path]`.

use std::fmt::Write;
use std::path::Path;

/// How many characters are shown of a text, at most: a path of Linux has 4,096 bytes.
const LONGEST: usize = 5000;
/// How many of them are the end of a longer one: there stands what to do.
const END: usize = 1000;
/// What stands in the place of the rest.
const LEFT_OUT: &str = " [its middle is left out] ";

/// A text in one line: what [`acts`] is escaped as Rust does it (`\u{1b}`, `\n`), and of a text longer
/// than 5,000 characters the middle is left out. To show twice is to show once.
pub(crate) fn shown(text: &str) -> String {
    // Most messages are as they are to be.
    if text.len() <= LONGEST && !text.contains(acts) {
        return text.to_owned();
    }
    let text = escaped(text, acts);
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let place = |number| text.char_indices().nth(number).map_or(text.len(), |(place, _)| place);
    let (start, end) = (place(LONGEST - END - LEFT_OUT.len()), place(count - END));
    [&text[..start], LEFT_OUT, &text[end..]].concat()
}

/// A text of several lines, of any length: the ends of lines are ours.
#[allow(dead_code, reason = "for the commands")]
pub(crate) fn lines(text: &str) -> String {
    escaped(text, |c| c != '\n' && acts(c))
}

/// A path in one line. Where there is something in it that might not be seen (a blank at an end, what
/// [`acts`], what is no UTF-8), it stands in quotes, as Rust writes a string.
pub(crate) fn path(path: &Path) -> String {
    let is_plain = |text: &&str| !text.is_empty() && text.trim() == *text && !text.contains(acts);
    match path.to_str().filter(is_plain) {
        Some(text) => shown(text),
        None => shown(&format!("{path:?}")),
    }
}

/// Whether a terminal obeys a character, or may show nothing at all for it: control characters (C0, DEL,
/// C1), what ends a line or a paragraph, what turns the direction of writing, and what has no width
/// (Unicode's Default_Ignorable_Code_Point), joiners and variation selectors included.
pub(crate) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn escaped(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if which(c) {
            write!(escaped, "{}", c.escape_default()).expect("a string takes everything");
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{END, LONGEST, acts, lines, path, shown};
    use std::path::Path;

    #[test]
    fn what_acts_is_escaped() {
        for (text, expected) in [
            ("", ""),
            (
                "plain, d\u{e9}j\u{e0} vu, \u{4e2d}\u{6587}, \\ ' \"",
                "plain, d\u{e9}j\u{e0} vu, \u{4e2d}\u{6587}, \\ ' \"",
            ),
            ("a\nb\r\nc\td", r"a\nb\r\nc\td"),
            ("\0\x07\x08\x1b[2J\x7f", r"\u{0}\u{7}\u{8}\u{1b}[2J\u{7f}"),
            ("\u{85}\u{9b}31m", r"\u{85}\u{9b}31m"),
            ("\u{2028}\u{2029}", r"\u{2028}\u{2029}"),
            (
                "\u{202e}gpj.exe\u{2066}\u{2069}\u{200e}\u{61c}",
                r"\u{202e}gpj.exe\u{2066}\u{2069}\u{200e}\u{61c}",
            ),
            (
                "a\u{200b}b\u{200d}c\u{feff}d\u{ad}e\u{2060}",
                r"a\u{200b}b\u{200d}c\u{feff}d\u{ad}e\u{2060}",
            ),
            ("\u{e0041}\u{fe0f}\u{3164}", r"\u{e0041}\u{fe0f}\u{3164}"),
        ] {
            assert_eq!(shown(text), expected);
            assert_eq!(shown(expected), expected, "twice");
            assert_eq!(lines(text), expected.replace(r"\n", "\n"));
        }
        let escaped = (0..=0xff).map(char::from).filter(|c| acts(*c)).map(u32::from);
        let expected = (0..=0x1f).chain(0x7f..=0x9f).chain([0xad]);
        assert!(escaped.eq(expected), "of Latin-1");
    }

    #[test]
    fn nothing_is_endless() {
        let long = "\u{e9}".repeat(LONGEST);
        assert_eq!(shown(&long), long);
        let longer = format!("{long}\u{1b}{}", "z".repeat(END));
        let cut = shown(&longer);
        assert!(cut.starts_with("\u{e9}\u{e9}") && cut.ends_with("zz"), "{cut}");
        assert!(cut.contains("\u{e9} [its middle is left out] z"), "{cut}");
        assert_eq!(shown(&cut), cut, "twice");
        let escapes = shown(&"\u{1b}".repeat(LONGEST));
        assert_eq!(shown(&escapes), escapes, "twice");
        let more = shown(&format!("{cut}; do something"));
        assert_eq!(more.matches(" [its middle is left out] ").count(), 1, "{more}");
        assert!(more.ends_with("zz; do something"), "{more}");
        assert!(shown(&"\u{1b}".repeat(1 << 20)).len() < 10 * LONGEST);
        assert_eq!(lines(&longer).chars().count(), longer.chars().count() + 5);
    }

    #[test]
    fn of_a_path_everything_can_be_seen() {
        for (given, expected) in [
            ("/etc/ssl/my ca.pem", "/etc/ssl/my ca.pem"),
            ("/srv/\u{e9}t\u{e9}/\"a\"", "/srv/\u{e9}t\u{e9}/\"a\""),
            ("/etc/ca.pem ", r#""/etc/ca.pem ""#),
            ("/etc/ca.pem\r", r#""/etc/ca.pem\r""#),
            ("/etc/ca.pem\u{a0}", r#""/etc/ca.pem\u{a0}""#),
            (" ca.pem", r#"" ca.pem""#),
            ("/a\u{1b}[31m\u{3164}\"\n", r#""/a\u{1b}[31m\u{3164}\"\n""#),
            ("/a\u{202e}b", r#""/a\u{202e}b""#),
            ("", r#""""#),
        ] {
            assert_eq!(path(Path::new(given)), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_bytes() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let latin1 = OsStr::from_bytes(b"/caf\xe9.pem");
        assert_eq!(path(Path::new(latin1)), r#""/caf\xE9.pem""#);
    }
}
