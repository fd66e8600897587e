//! Text from elsewhere, as it may be shown: certificates, paths and notes are written by anybody, and a
//! terminal obeys what it is sent. It uses nothing.

/// The longest text that is shown, in characters; `--json` has all of it.
const LONGEST: usize = 400;

/// The text in one line of no more than 400 characters, with `\u{...}` for what moves the cursor, ends the
/// line, changes the direction or cannot be seen. What was left out at the end is told by `…`.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (number, c) in text.chars().enumerate() {
        if number == LONGEST {
            shown.push('…');
            break;
        }
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// C0 and C1, ends of lines, marks of the direction, and what has no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, shown};

    #[test]
    fn nothing_is_shown_that_a_terminal_obeys() {
        for (text, expected) in [
            ("Főtanúsítvány 中国", "Főtanúsítvány 中国"),
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{9b}2Jb", "a\\u{9b}2Jb"),
            ("a\r\nb\u{2028}c", "a\\u{d}\\u{a}b\\u{2028}c"),
            ("\u{202e}moc", "\\u{202e}moc"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(shown(&"a".repeat(LONGEST)).chars().count(), LONGEST);
        assert_eq!(shown(&"a".repeat(LONGEST + 1)).chars().count(), LONGEST + 1);
        assert_eq!(shown(&"a".repeat(77_000)), "a".repeat(LONGEST) + "…");
    }
}
