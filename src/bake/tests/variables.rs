//! Variables that are set in vain, and those that are nobody's mistake.

use super::*;

fn refused(set: &[&str]) -> Option<String> {
    let set: Vec<_> = set.iter().map(|&name| name.to_owned()).collect();
    refuse_in_vain(&set).err().map(|error| error.to_string())
}

fn in_a_file_only(name: &str) -> Option<String> {
    Some(format!(
        "${name}: is for a file only; set it in the file that $CACERTS_DEFAULTS_FILE names, and \
         unset the variable"
    ))
}

fn near_miss(name: &str) -> Option<String> {
    Some(format!(
        "${name}: is not a variable of cacerts; set $CACERTS_DEFAULT_PATH to the path of a store or \
         $CACERTS_DEFAULTS_FILE to the path of your own file, and unset this one"
    ))
}

#[test]
fn a_variable_that_is_a_key_of_files() {
    for key in [PACKAGE, SEARCH_PATHS, SYSTEM_CONFIG, TLS_MIN_VERSION] {
        assert_eq!(refused(&[key]), in_a_file_only(key));
        // Whatever else is set, and right.
        assert_eq!(refused(&["PATH", OWN_FILE, key, DEFAULT_PATH]), in_a_file_only(key));
    }
}

#[test]
fn a_variable_that_is_nearly_one_of_the_two() {
    for name in [
        "CACERTS_DEFAULTS_PATH",
        "CACERTS_DEFAULT_FILE",
        "CACERT_DEFAULT_PATH",
        "CACERT_DEFAULTS_PATH",
        "CACERT_DEFAULTS_FILE",
        "CACERT_DEFAULT_FILE",
        "CACERTS_DEFAULT_PAHT",
        "CACERTS_DEFAULT_PATHS",
        "CACERTS_DEFAULT_DIR",
        "CACERTS_DEFAULTS",
        "CACERTS_PATH_DEFAULT",
        "CACERTSDEFAULTPATH",
        "cacerts_default_path",
        "Cacerts_Defaults_File",
    ] {
        assert_eq!(refused(&[name]), near_miss(name));
        assert_eq!(refused(&["PATH", OWN_FILE, name, DEFAULT_PATH]), near_miss(name));
    }
}

#[test]
fn variables_that_are_nobodys_mistake() {
    let innocent = [
        DEFAULT_PATH,
        OWN_FILE,
        // Of Java's images and of other programs.
        "CACERTS",
        "CACERTS_PATH",
        "CACERTS_FILE",
        "CACERTS_DIR",
        "CACERTS_PASSWORD",
        "CACERTS_DEFAULT_PASSWORD",
        "CACERTS_DEFAULT_PWD",
        "cacerts_default_pass",
        "CACERT",
        "CACERT_FILE",
        "CACERT_PATH",
        "OS_CACERT",
        "JAVA_CACERTS_DEFAULT_PATH",
        "DEFAULT_CACERT_PATH",
        "CA_DEFAULT_PATH",
        // This crate's own, and what cargo makes of its metadata.
        "CACERTS_TEST_SERVERS",
        "CACERTS_VERIFY",
        "DEP_CACERTS_DEFAULT_PATH",
        "",
    ];
    for name in innocent {
        assert_eq!(refused(&[name]), None, "{name}");
    }
    assert_eq!(refused(&innocent), None);
    assert_eq!(refused(&[]), None);
}

#[test]
fn of_several_in_vain_the_same_is_named_in_any_order() {
    let names = ["CACERT_DEFAULT_PATH", "CACERTS_DEFAULTS_PATH", TLS_MIN_VERSION, PACKAGE];
    for turn in 0..names.len() {
        let mut set = names;
        set.rotate_left(turn);
        assert_eq!(refused(&set), in_a_file_only(PACKAGE));
        let near: Vec<_> = set.into_iter().filter(|name| name.contains("DEFAULT")).collect();
        assert_eq!(refused(&near), near_miss("CACERTS_DEFAULTS_PATH"));
    }
}

/// A name can hold anything but `=`, and the message stays one line that shows it.
#[test]
fn an_odd_name() {
    assert_eq!(refused(&["CACERT\nDEFAULT\u{202e}"]), near_miss(r"CACERT\nDEFAULT\u{202e}"));
}

/// Each variable that cargo watches is refused, and the two that are read are none of them.
#[test]
fn what_is_watched_is_refused() {
    let watched: Vec<_> = in_vain().collect();
    assert_eq!(watched.len(), 11);
    for name in watched {
        assert!(refused(&[name]).is_some(), "{name}");
    }
}
