//! How a number of things is put into words. It uses nothing.

/// A number of things.
pub(crate) fn many(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
