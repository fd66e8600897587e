//! Text of somebody else's on a terminal. It uses nothing else.

/// How many characters of one text are shown.
const LONGEST: usize = 200;

/// A text with nothing in it that a terminal obeys or that cannot be seen (controls, bidirectional and
/// zero-width characters, line ends), and cut where it is endless.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (place, char) in text.chars().enumerate() {
        if place == LONGEST {
            shown.push_str("...");
            break;
        }
        match char {
            ' '..='~' => shown.push(char),
            // Behind a letter, where an accent stands as it is.
            _ => shown.extend(format!("a{char}").escape_debug().skip(1)),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_terminal_obeys_nothing() {
        for (text, expected) in [
            ("Example Corp Root CA", "Example Corp Root CA"),
            (
                "it's \"quoted\" \\ Müller e\u{301} 認証局",
                "it's \"quoted\" \\ Müller e\u{301} 認証局",
            ),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("a\r\nb\tc\0", "a\\r\\nb\\tc\\0"),
            (
                "a\u{9b}b\u{202e}c\u{2066}d\u{200b}e\u{feff}",
                "a\\u{9b}b\\u{202e}c\\u{2066}d\\u{200b}e\\u{feff}",
            ),
            ("a\u{2028}b\u{ad}c\u{7f}", "a\\u{2028}b\\u{ad}c\\u{7f}"),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(shown(&"x".repeat(3000)).len(), 203);
    }
}
