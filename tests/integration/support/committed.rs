//! Holds a file in the repository to what a test makes of it. Other tests than those here use it, too.

use std::path::Path;
use std::{env, fs};

/// Compares with what is committed; where the variable is `write`, writes it. `again` is the command for that.
#[track_caller]
pub(crate) fn compare(name: &str, new: &str, variable: &str, again: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var_os(variable).is_some_and(|value| value == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, new).unwrap();
        return;
    }
    let old = fs::read_to_string(path).unwrap_or_default();
    for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        assert_eq!(old, new, "{name}:{} differs; to write it again: {again}", number + 1);
    }
    assert!(old == new, "{name} differs; to write it again: {again}");
}
