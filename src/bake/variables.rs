//! Variables that would be set in vain: whoever packages believes to have decided, and ships a
//! program that trusts something else. Names in, the one line that is said out. It may use std.

use super::{DEFAULT_PATH, Error, KEYS, OWN_FILE};

/// The near misses that are likeliest. cargo can watch names only, so that any other is seen when
/// the build script runs for another reason, as it does in a new target directory.
const LIKELIEST: [&str; 6] = [
    "CACERTS_DEFAULTS_PATH",
    "CACERTS_DEFAULT_FILE",
    "CACERT_DEFAULT_PATH",
    "CACERT_DEFAULTS_PATH",
    "CACERT_DEFAULTS_FILE",
    "CACERT_DEFAULT_FILE",
];

/// The variables for cargo to watch, beside the two that are read.
pub(crate) fn in_vain() -> impl Iterator<Item = &'static str> {
    in_files_only().chain(LIKELIEST)
}

/// Refuses what is set in vain; `set` has the names of all variables that are set and not empty.
pub(crate) fn refuse_in_vain(set: &[String]) -> Result<(), Error> {
    if let Some(key) = in_files_only().find(|key| set.iter().any(|name| name == key)) {
        return Err(Error::new(
            format_args!("${key}"),
            format_args!(
                "is for a file only; set it in the file that ${OWN_FILE} names, and unset the \
                 variable"
            ),
        ));
    }
    // The order of an environment is nobody's decision.
    match set.iter().filter(|name| is_near_miss(name)).min() {
        None => Ok(()),
        Some(name) => Err(Error::new(
            format_args!("${}", name.escape_debug()),
            format_args!(
                "is not a variable of cacerts; set ${DEFAULT_PATH} to the path of a store or \
                 ${OWN_FILE} to the path of your own file, and unset this one"
            ),
        )),
    }
}

fn in_files_only() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().filter(|key| *key != DEFAULT_PATH)
}

/// It begins with CACERT and has DEFAULT in it, in whatever case. Passwords are of Java's store,
/// which has one by default; other names of Java's, such as `CACERTS_PATH`, have no DEFAULT.
fn is_near_miss(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let has = |part| upper.contains(part);
    ![DEFAULT_PATH, OWN_FILE].contains(&name)
        && upper.starts_with("CACERT")
        && has("DEFAULT")
        && !has("PASS")
        && !has("PWD")
}
