//! Tables of settings and what becomes of them: the constants, or the one line that is said.

mod refused;
mod shipped;
mod variables;
mod written;

use super::*;
use shipped::shipped_text;
use toml::Value;

const A_PATH: &str = "allowed is an absolute path without `..` and control characters";
const A_STORE: &str = "allowed is an absolute path without `..` and control characters, \
    such as /etc/ssl/certs/ca-certificates.crt, or \"none\"";
/// The line that the documentation has a packager append.
const ECHO: &str = "CACERTS_DEFAULT_PATH = \"/etc/ssl/certs/ca-certificates.crt\"\n";

fn file(name: &str, text: &str) -> File {
    File::new(name, text.into()).expect("text is UTF-8")
}

/// Bakes a shipped file alone, for Unix.
fn bake_text(text: &str) -> Result<Defaults, Error> {
    bake(&file(SHIPPED, text), None, None, false)
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.expect_err("refused").to_string()
}

/// A TOML line that sets the path, whatever it contains.
fn set(path: &str) -> String {
    format!("{DEFAULT_PATH} = {}\n", Value::from(path))
}

#[test]
fn the_variable_beats_the_own_file_beats_the_shipped_one() {
    #[rustfmt::skip]
    let table = [
        // shipped, own file, variable -> path, decided by
        (None,             None,             None,             None,             "defaults.toml"),
        (Some("/shipped"), None,             None,             Some("/shipped"), "defaults.toml"),
        (Some("none"),     None,             None,             None,             "defaults.toml"),
        (None,             Some("/own"),     None,             Some("/own"),     "$CACERTS_DEFAULTS_FILE"),
        (Some("/shipped"), Some("/own"),     None,             Some("/own"),     "$CACERTS_DEFAULTS_FILE"),
        (Some("/shipped"), Some("none"),     None,             None,             "$CACERTS_DEFAULTS_FILE"),
        (Some("none"),     Some("/own"),     None,             Some("/own"),     "$CACERTS_DEFAULTS_FILE"),
        (Some("/shipped"), None,             Some("/var"),     Some("/var"),     "$CACERTS_DEFAULT_PATH"),
        (Some("/shipped"), Some("/own"),     Some("/var"),     Some("/var"),     "$CACERTS_DEFAULT_PATH"),
        (Some("/shipped"), Some("/own"),     Some("none"),     None,             "$CACERTS_DEFAULT_PATH"),
        (None,             Some("none"),     Some("/var"),     Some("/var"),     "$CACERTS_DEFAULT_PATH"),
    ];
    for (shipped, own, variable, path, decided_by) in table {
        let case = format!("{shipped:?} {own:?} {variable:?}");
        let shipped = file(SHIPPED, &shipped.map(set).unwrap_or_default());
        let own = own.map(|path| file("/own.toml", &set(path)));
        let defaults = bake(&shipped, own.as_ref(), variable, false).expect(&case);
        assert_eq!(defaults.default_path.as_deref(), path, "{case}");
        let log = match path {
            Some(path) => vec![
                format!("CACERTS_DEFAULT_PATH = {path:?}, decided by {decided_by}"),
                format!("cargo::metadata=default_path={path}"),
            ],
            None => {
                vec![format!("CACERTS_DEFAULT_PATH: nothing baked in, decided by {decided_by}")]
            }
        };
        assert_eq!(defaults.build_log(), log, "{case}");
    }
}

/// The values of one `Defaults`, in the order of the keys.
fn values(defaults: &Defaults) -> [String; 6] {
    let Defaults { file_variable, default_path, package, search_paths, .. } = defaults;
    let Defaults { system_config, tls_min_version, .. } = defaults;
    [
        file_variable.clone().unwrap_or_default(),
        default_path.clone().unwrap_or_default(),
        package.clone().unwrap_or_default(),
        search_paths.join(" "),
        system_config.clone(),
        tls_min_version.clone(),
    ]
}

#[test]
fn the_own_file_beats_the_shipped_one_key_by_key() {
    let shipped = "CACERTS_FILE_VARIABLE = 'S'\nCACERTS_DEFAULT_PATH = '/s'\nCACERTS_PACKAGE = 's'\n\
        CACERTS_SEARCH_PATHS = ['/s1', '/s2']\nCACERTS_SYSTEM_CONFIG = '/s.toml'\n\
        CACERTS_TLS_MIN_VERSION = '1.2'\n";
    let before = ["S", "/s", "s", "/s1 /s2", "/s.toml", "1.2"];
    // What the own file says, and the one value that is different then.
    let table = [
        ("", 1, "/s"),
        ("CACERTS_FILE_VARIABLE = 'O'", 0, "O"),
        ("CACERTS_FILE_VARIABLE = 'none'", 0, ""),
        ("CACERTS_DEFAULT_PATH = '/o'", 1, "/o"),
        ("CACERTS_DEFAULT_PATH = 'none'", 1, ""),
        ("CACERTS_PACKAGE = 'o'", 2, "o"),
        ("CACERTS_PACKAGE = 'none'", 2, ""),
        ("CACERTS_SEARCH_PATHS = ['/o']", 3, "/o"),
        // Turned off, not left out.
        ("CACERTS_SEARCH_PATHS = []", 3, ""),
        ("CACERTS_SYSTEM_CONFIG = '/o.toml'", 4, "/o.toml"),
        ("CACERTS_TLS_MIN_VERSION = '1.3'", 5, "1.3"),
    ];
    for (own, changed, to) in table {
        let mut after = before;
        after[changed] = to;
        let own_file = file("/own.toml", own);
        let defaults = bake(&file(SHIPPED, shipped), Some(&own_file), None, false).expect(own);
        assert_eq!(values(&defaults), after, "{own}");
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let defaults = bake_text("").expect("bakes");
    assert_eq!(
        values(&defaults),
        ["", "", "ca-certificates", "", "/etc/cacerts/config.toml", "1.2"]
    );
}

#[test]
fn a_mistake_counts_even_in_a_file_that_is_overruled() {
    let bad = file(SHIPPED, "CACERTS_DEFAULT_PATH = 'x'\n");
    let good = file("/own.toml", "CACERTS_DEFAULT_PATH = '/own'\n");
    assert!(message(bake(&bad, Some(&good), Some("/var"), false)).starts_with("defaults.toml:1: "));
    let bad = file("/own.toml", "\nCACERTS_DEFAULT_PATH = 'x'\n");
    assert!(message(bake(&good, Some(&bad), Some("/var"), false)).starts_with("/own.toml:2: "));
}

#[test]
fn absolute_is_a_matter_of_the_target() {
    let shipped = file(SHIPPED, &shipped_text());
    for path in [r"C:\ssl\ca.pem", "C:/ssl/ca.pem", r"c:\", r"D:\a b\..c\ca.pem"] {
        let defaults = bake(&shipped, None, Some(path), true).expect(path);
        assert_eq!(defaults.default_path.as_deref(), Some(path));
        let what = format!("$CACERTS_DEFAULT_PATH: {path:?} is not an absolute path; {A_STORE}");
        assert_eq!(message(bake(&shipped, None, Some(path), false)), what);
    }
    for (path, why) in [
        ("/etc/x", "is not an absolute path"),
        (r"\ssl\ca.pem", "is not an absolute path"),
        ("C:ca.pem", "is not an absolute path"),
        (r"\\host\share\ca.pem", "is not an absolute path"),
        ("é:\\ca.pem", "is not an absolute path"),
        (r"C:\a\..\b", "contains `..`"),
        ("C:/a/../b", "contains `..`"),
    ] {
        let what = format!(
            "$CACERTS_DEFAULT_PATH: {path:?} {why}; {A_PATH}, such as C:\\ssl\\ca.pem, or \"none\""
        );
        assert_eq!(message(bake(&shipped, None, Some(path), true)), what);
    }
    // On Unix a backslash separates nothing.
    assert!(bake(&shipped, None, Some(r"/a\..\b"), false).is_ok());
}

/// What the shipped file says of Unix is passed over, so that Windows can be built for at all.
#[test]
fn the_shipped_file_bakes_for_windows() {
    let defaults = bake(&file(SHIPPED, &shipped_text()), None, None, true).expect("bakes");
    let config = r"C:\Program Files\cacerts\config.toml";
    assert_eq!(values(&defaults), ["", "", "", "", config, "1.2"]);
    let own = "CACERTS_SEARCH_PATHS = ['/a', 'C:\\b']\nCACERTS_SYSTEM_CONFIG = 'D:\\c.toml'\n";
    let own = file("/own.toml", own);
    let defaults = bake(&file(SHIPPED, &shipped_text()), Some(&own), None, true).expect("bakes");
    assert_eq!(values(&defaults), ["", "", "", r"C:\b", r"D:\c.toml", "1.2"]);
    let own = file("/own.toml", "CACERTS_SYSTEM_CONFIG = '/other.toml'\n");
    let said = message(bake(&file(SHIPPED, &shipped_text()), Some(&own), None, true));
    let what = "CACERTS_SYSTEM_CONFIG: \"/other.toml\" is not an absolute path";
    assert_eq!(said, format!("/own.toml:1: {what}; {A_PATH}"));
}

#[test]
fn a_path_can_be_required() {
    let own = file("own.toml", "CACERTS_DEFAULT_PATH = \"none\"\n");
    let shipped = file(SHIPPED, ECHO);
    let empty = file(SHIPPED, "");
    for (shipped, own, variable, said_by) in [
        (&shipped, None, None, None),
        (&empty, None, Some("/a"), None),
        (&empty, None, None, Some(SHIPPED)),
        (&shipped, Some(&own), None, Some("$CACERTS_DEFAULTS_FILE")),
        (&shipped, None, Some("none"), Some("$CACERTS_DEFAULT_PATH")),
    ] {
        let required = bake(shipped, own, variable, false).unwrap().require_path(false);
        let said = said_by.map(|by| {
            format!(
                "{by}: names no store, and the feature require-path wants one; set \
                 $CACERTS_DEFAULT_PATH to its path, such as /etc/ssl/certs/ca-certificates.crt"
            )
        });
        assert_eq!(required.err().map(|e| e.to_string()), said);
    }
}
