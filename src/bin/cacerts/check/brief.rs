//! What somebody else has written, in a sentence of ours.

use crate::shown::shown;

/// How many characters of it are shown.
const LONGEST: usize = 100;

/// A text with nothing in it that a terminal obeys, and cut where it would drown what is said of it.
pub(super) fn brief(text: &str) -> String {
    cut(&shown(text), LONGEST)
}

/// A text of so many characters at most.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let short: String = text.chars().take(width - 3).collect();
    format!("{short}...")
}
