//! One thing, or many.

use std::fmt::Display;

/// A number of things.
pub(crate) fn many<N: Display + From<u8> + PartialEq>(count: N, thing: &str) -> String {
    let s = if count == N::from(1) { "" } else { "s" };
    format!("{count} {thing}{s}")
}
