//! Every mistake, and the one line that is said.

use super::*;

const KEYS_TEXT: &str = "CACERTS_DEFAULT_PATH, CACERTS_FILE_VARIABLE, CACERTS_PACKAGE, \
    CACERTS_SEARCH_PATHS, CACERTS_SYSTEM_CONFIG, CACERTS_TLS_MIN_VERSION";
const A_LIST: &str = "allowed is a list of paths in double quotes, or [] to search nowhere";
const A_STRING: &str = "allowed is a string in double quotes";
const A_QUOTED: &str =
    "allowed is a string in double quotes, in which a backslash is written twice";
const A_LINE: &str = "allowed are comments and lines like KEY = \"VALUE\"";

/// Each text is refused with this line of it and this message, and with nothing else.
fn refuses(table: &[(&str, &str, usize, String)]) {
    for (case, text, line, what) in table {
        let said = message(bake_text(text));
        assert_eq!(said, format!("defaults.toml:{line}: {what}"), "{case}");
        assert_eq!(said.lines().count(), 1, "{case}");
        // The same with the line ends of Windows, and with a byte order mark.
        if !text.contains(['\r', '\'']) {
            assert_eq!(message(bake_text(&text.replace('\n', "\r\n"))), said, "{case}, CRLF");
        }
        assert_eq!(message(bake_text(&format!("\u{feff}{text}"))), said, "{case}, BOM");
    }
}

#[test]
fn an_unquoted_value() {
    let quoted = |key: &str, value: &str| {
        format!("{key}: the value has to stand in double quotes, as in {key} = {value}")
    };
    let path = |value: &str| quoted(DEFAULT_PATH, value);
    #[rustfmt::skip]
    refuses(&[
        ("appended", &format!("# a\n\n{DEFAULT_PATH} = /etc/x\n"), 3, path("\"/etc/x\"")),
        ("last line without its end", "CACERTS_DEFAULT_PATH = /etc/x", 1, path("\"/etc/x\"")),
        ("without spaces", "CACERTS_DEFAULT_PATH=/etc/x\n", 1, path("\"/etc/x\"")),
        ("indented", " \tCACERTS_DEFAULT_PATH = /etc/x\n", 1, path("\"/etc/x\"")),
        ("the key in quotes", "\"CACERTS_DEFAULT_PATH\" = /etc/x\n", 1, path("\"/etc/x\"")),
        ("a comment behind", "CACERTS_DEFAULT_PATH = /etc/x  # Debian\n", 1, path("\"/etc/x\"")),
        ("only the closing quote", "CACERTS_DEFAULT_PATH = /etc/x\"\n", 1, path("\"/etc/x\"")),
        ("typographic quotes", "CACERTS_DEFAULT_PATH = “/etc/x”\n", 1, path("\"/etc/x\"")),
        ("the shell's ==", "CACERTS_DEFAULT_PATH == \"/etc/x\"\n", 1, path("\"/etc/x\"")),
        ("a path of Windows", "CACERTS_DEFAULT_PATH = C:\\ssl\n", 1, path(r#""C:\\ssl""#)),
        ("brackets in it", "CACERTS_DEFAULT_PATH = /a/[b]={c}\n", 1, path("\"/a/[b]={c}\"")),
        ("a digit first", "CACERTS_DEFAULT_PATH = 12/x\n", 1, path("\"12/x\"")),
        ("beyond ASCII", "CACERTS_DEFAULT_PATH = /é/\u{202e}x\n", 1, path(r#""/é/\u{202e}x""#)),
        ("none", "CACERTS_DEFAULT_PATH = none\n", 1, path("\"none\"")),
        ("a list", "CACERTS_SEARCH_PATHS = /etc/x\n", 1, quoted(SEARCH_PATHS, "[\"/etc/x\"]")),
        ("another key", "CACERTS_PACKAGE = ca-certs\n", 1, quoted(PACKAGE, "\"ca-certs\"")),
    ]);
}

#[test]
fn a_key_that_is_set_twice() {
    let twice = |key: &str, first: usize| {
        format!("{key}: is set a second time, first on line {first}; keep one of the two lines")
    };
    let path = |first| twice(DEFAULT_PATH, first);
    #[rustfmt::skip]
    refuses(&[
        ("twice", "CACERTS_DEFAULT_PATH = \"/a\"\n\nCACERTS_DEFAULT_PATH = \"/b\"\n", 3, path(1)),
        ("the same value", "CACERTS_DEFAULT_PATH = \"/a\"\nCACERTS_DEFAULT_PATH = \"/a\"", 2, path(1)),
        ("spaces and tabs", "  CACERTS_DEFAULT_PATH=\"/a\"\n\tCACERTS_DEFAULT_PATH  =\"/b\"\n", 2, path(1)),
        ("the first in quotes", "\"CACERTS_DEFAULT_PATH\" = \"/a\"\nCACERTS_DEFAULT_PATH = \"/b\"\n", 2, path(1)),
        ("the second in quotes", "CACERTS_DEFAULT_PATH = \"/a\"\n'CACERTS_DEFAULT_PATH' = \"/b\"\n", 2, path(1)),
        ("comments do not count", "#CACERTS_DEFAULT_PATH = \"/0\"\nCACERTS_DEFAULT_PATH = \"/a\"\n#CACERTS_DEFAULT_PATH = \"/0\"\nCACERTS_DEFAULT_PATH = \"/b\"\n", 4, path(2)),
        ("text in a string does not count", "x = '''\nCACERTS_DEFAULT_PATH = \"/0\"\n'''\nCACERTS_DEFAULT_PATH = \"/a\"\nCACERTS_DEFAULT_PATH = \"/b\"\n", 5, path(4)),
        ("a list", "CACERTS_SEARCH_PATHS = [\n\"/a\",\n]\nCACERTS_SEARCH_PATHS = []\n", 4, twice(SEARCH_PATHS, 1)),
        ("a path after its table", "CACERTS_DEFAULT_PATH.a = 1\nCACERTS_DEFAULT_PATH = \"/a\"\n", 2, path(1)),
        ("a table", "[a]\n[a]\n", 2, twice("a", 1)),
        ("in a table", "[a]\nx = 1\nx = 2\n", 3, format!("\"x = 2\": duplicate key; {A_LINE}")),
        ("in an inline table", "x = { a = 1, a = 2 }\n", 1, format!("\"x = {{ a = 1, a = 2 }}\": duplicate key; {A_LINE}")),
    ]);
    // The mistake as it is made: one line uncommented, and one more appended.
    let text = shipped_text().replacen("\n#CACERTS", "\nCACERTS", 1) + ECHO;
    let line = |found: Option<usize>| found.expect("is there") + 1;
    let first = line(text.lines().position(|line| line.starts_with(DEFAULT_PATH)));
    let second = line(text.lines().collect::<Vec<_>>().iter().rposition(|l| *l == ECHO.trim_end()));
    assert!(first < second);
    refuses(&[("in the shipped file", &text, second, path(first))]);
}

#[test]
fn an_unknown_key_or_a_table() {
    let unknown = |key: &str| format!("{key}: is not a key of this file; allowed are {KEYS_TEXT}");
    let table =
        |key: &str| format!("{key}: is a table; allowed are top-level keys only: {KEYS_TEXT}");
    #[rustfmt::skip]
    refuses(&[
        ("misspelt", "\nCACERTS_DEFAULT_PAHT = \"/a\"\n", 2, unknown("CACERTS_DEFAULT_PAHT")),
        ("small letters", "cacerts_default_path = \"/a\"\n", 1, unknown("cacerts_default_path")),
        ("without a name", "\"\" = 1\n", 1, unknown("\"\"")),
        ("with a line break", "\"a\\nb\" = 1\n", 1, unknown(r#""a\nb""#)),
        ("with an override", "\"a\\u202eb\" = 1\n", 1, unknown(r#""a\u{202e}b""#)),
        ("list of tables", "[[other]]\n", 1, unknown("other")),
        ("the first of two", "b = 1\na = 2\n", 1, unknown("b")),
        ("table", "\n[cacerts]\nCACERTS_DEFAULT_PATH = \"/a\"\n", 2, table("cacerts")),
        ("table of the key's name", "[CACERTS_DEFAULT_PATH]\n", 1, table(DEFAULT_PATH)),
        ("dotted key", "CACERTS_DEFAULT_PATH.debian = \"/a\"\n", 1, table(DEFAULT_PATH)),
        ("inline table", "CACERTS_DEFAULT_PATH = { a = \"/a\" }\n", 1, table(DEFAULT_PATH)),
    ]);
}

#[test]
fn a_value_of_the_wrong_type() {
    let is = |key: &str, kind: &str, allowed: &str| format!("{key}: is {kind}; {allowed}");
    let mut table = vec![
        (format!("{SEARCH_PATHS} = \"/a\"\n"), 1, is(SEARCH_PATHS, "a string", A_LIST)),
        (format!("{SEARCH_PATHS} = 1\n"), 1, is(SEARCH_PATHS, "an integer", A_LIST)),
        (
            format!("{SEARCH_PATHS} = [\n\"/a\",\n1]\n"),
            3,
            is(SEARCH_PATHS, "an integer", A_STRING).replace(": is", ": a row is"),
        ),
        (
            format!("{SEARCH_PATHS} = [[\"/a\"]]\n"),
            1,
            is(SEARCH_PATHS, "an array", A_STRING).replace(": is", ": a row is"),
        ),
        (
            format!("[[{SEARCH_PATHS}]]\n"),
            1,
            is(SEARCH_PATHS, "a table", A_STRING).replace(": is", ": a row is"),
        ),
        (format!("[[{DEFAULT_PATH}]]\n"), 1, is(DEFAULT_PATH, "an array", A_STRING)),
    ];
    for key in [DEFAULT_PATH, PACKAGE, SYSTEM_CONFIG, TLS_MIN_VERSION] {
        for (value, kind) in [
            ("1", "an integer"),
            ("1.2", "a float"),
            ("true", "a boolean"),
            ("1979-05-27", "a datetime"),
            ("[\"/a\"]", "an array"),
        ] {
            table.push((format!("\n{key} = {value}\n"), 2, is(key, kind, A_STRING)));
        }
    }
    for (text, line, what) in table {
        refuses(&[(&text, &text, line, what)]);
    }
}

#[test]
fn a_value_that_is_not_allowed() {
    let value = |key: &str, what: &str| format!("{key}: {what}");
    let store = |what: &str| format!("{DEFAULT_PATH}: {what}; {A_STORE}");
    let row = |what: &str| format!("{SEARCH_PATHS}: a row {what}; {A_PATH}");
    let version = "is not a TLS version on offer; allowed are \"1.2\" and \"1.3\"";
    let variable = "is not the name of a variable that can have this meaning; allowed are capital \
        letters, digits and `_`, such as NIX_SSL_CERT_FILE, or \"none\"";
    let package = "is not a package name; allowed are letters, digits, `+`, `-`, `.`, `_`, \
        or \"none\"";
    #[rustfmt::skip]
    refuses(&[
        ("relative", "CACERTS_DEFAULT_PATH = \"ca.pem\"\n", 1, store(r#""ca.pem" is not an absolute path"#)),
        ("home", "CACERTS_DEFAULT_PATH = \"~/ca.pem\"\n", 1, store(r#""~/ca.pem" is not an absolute path"#)),
        ("None", "CACERTS_DEFAULT_PATH = \"None\"\n", 1, store(r#""None" is not an absolute path"#)),
        ("URL", "CACERTS_DEFAULT_PATH = \"file:///a\"\n", 1, store(r#""file:///a" is not an absolute path"#)),
        ("empty", "CACERTS_DEFAULT_PATH = \"\"\n", 1, store(r#""" is empty"#)),
        ("upwards", "CACERTS_DEFAULT_PATH = \"/a/../b\"\n", 1, store(r#""/a/../b" contains `..`"#)),
        ("upwards at the end", "CACERTS_DEFAULT_PATH = \"/a/..\"\n", 1, store(r#""/a/.." contains `..`"#)),
        ("line break", "CACERTS_DEFAULT_PATH = \"/a\\nb\"\n", 1, store(r#""/a\nb" contains a line break"#)),
        ("line break at the end", "\nCACERTS_DEFAULT_PATH = \"/a\\n\"\n", 2, store(r#""/a\n" contains a line break"#)),
        ("carriage return", "CACERTS_DEFAULT_PATH = \"/a\\r\"\n", 1, store(r#""/a\r" contains a line break"#)),
        ("NUL", "CACERTS_DEFAULT_PATH = \"/a\\u0000b\"\n", 1, store(r#""/a\0b" contains a NUL character"#)),
        ("bell", "CACERTS_DEFAULT_PATH = \"/a\\u0007\"\n", 1, store(r#""/a\u{7}" contains a control character"#)),
        ("tab", "CACERTS_DEFAULT_PATH = \"/a\tb\"\n", 1, store(r#""/a\tb" contains a control character"#)),
        ("DEL", "CACERTS_DEFAULT_PATH = \"/a\\u007f\"\n", 1, store(r#""/a\u{7f}" contains a control character"#)),
        ("NEL", "CACERTS_DEFAULT_PATH = \"/a\u{85}b\"\n", 1, store(r#""/a\u{85}b" contains a control character"#)),
        ("blank behind", "CACERTS_DEFAULT_PATH = \"/a \"\n", 1, store(r#""/a " begins or ends with a space"#)),
        ("blank in front", "CACERTS_DEFAULT_PATH = \" /a\"\n", 1, store(r#"" /a" begins or ends with a space"#)),
        ("wide blank behind", "CACERTS_DEFAULT_PATH = \"/a\u{3000}\"\n", 1, store(r#""/a\u{3000}" begins or ends with a space"#)),
        ("a path of Windows", "CACERTS_DEFAULT_PATH = \"C:\\\\a\"\n", 1, store(r#""C:\\a" is not an absolute path"#)),
        ("row", "CACERTS_SEARCH_PATHS = [\n\"/a\",  # é\n# c\n\"b\",\n]\n", 4, row(r#""b" is not an absolute path"#)),
        ("none as a row", "CACERTS_SEARCH_PATHS = [\"none\"]\n", 1, row(r#""none" is not an absolute path"#)),
        ("row of Windows", "CACERTS_SEARCH_PATHS = ['C:\\a']\n", 1, row(r#""C:\\a" is not an absolute path"#)),
        ("configuration", "CACERTS_SYSTEM_CONFIG = \"none\"\n", 1, value(SYSTEM_CONFIG, &format!("\"none\" is not an absolute path; {A_PATH}"))),
        ("TLS 1.1", "CACERTS_TLS_MIN_VERSION = \"1.1\"\n", 1, value(TLS_MIN_VERSION, &format!("\"1.1\" {version}"))),
        ("TLSv1.2", "CACERTS_TLS_MIN_VERSION = \"TLSv1.2\"\n", 1, value(TLS_MIN_VERSION, &format!("\"TLSv1.2\" {version}"))),
        ("no variable", "CACERTS_FILE_VARIABLE = \"\"\n", 1, value(FILE_VARIABLE, &format!("\"\" {variable}"))),
        ("two variables", "CACERTS_FILE_VARIABLE = \"A B\"\n", 1, value(FILE_VARIABLE, &format!("\"A B\" {variable}"))),
        ("a number", "CACERTS_FILE_VARIABLE = \"1A\"\n", 1, value(FILE_VARIABLE, &format!("\"1A\" {variable}"))),
        ("one of the build", "CACERTS_FILE_VARIABLE = \"CACERTS_A\"\n", 1, value(FILE_VARIABLE, &format!("\"CACERTS_A\" {variable}"))),
        ("the usual one", "CACERTS_FILE_VARIABLE = \"SSL_CERT_FILE\"\n", 1, value(FILE_VARIABLE, "\"SSL_CERT_FILE\" is heeded in any case")),
        ("no package", "CACERTS_PACKAGE = \"\"\n", 1, value(PACKAGE, &format!("\"\" {package}"))),
        ("two packages", "CACERTS_PACKAGE = \"a b\"\n", 1, value(PACKAGE, &format!("\"a b\" {package}"))),
    ]);
}

#[test]
fn a_file_that_is_not_toml() {
    // The middle of each message is the parser's own.
    let line = |line: &str, why: &str| format!("{line:?}: {why}; {A_LINE}");
    let path = |why: &str| format!("{DEFAULT_PATH}: {why}; {A_QUOTED}");
    let list = |why: &str| format!("{SEARCH_PATHS}: {why}; {A_LIST}");
    let no_value = "key with no value, expected `=`";
    let unquoted = "string values must be quoted, expected literal string";
    let glued = "unexpected key or value, expected newline, `#`";
    #[rustfmt::skip]
    refuses(&[
        ("garbage", "\nhello world\n", 2, line("hello world", no_value)),
        ("garbage at the end", "# é\n\u{1}", 2, line("\u{1}", no_value)),
        ("beyond ASCII", "é = é\n", 1, line("é = é", "invalid unquoted key, expected letters, numbers, `-`, `_`")),
        ("shell", "export CACERTS_DEFAULT_PATH=\"/a\"\n", 1, line("export CACERTS_DEFAULT_PATH=\"/a\"", no_value)),
        ("only `=`", "=", 1, line("=", "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`")),
        ("no `=`", "CACERTS_DEFAULT_PATH\n", 1, path(no_value)),
        ("no value", "CACERTS_DEFAULT_PATH =\nCACERTS_PACKAGE = \"a\"\n", 1, path(unquoted)),
        ("no value at the end", "CACERTS_DEFAULT_PATH =", 1, path(unquoted)),
        ("open string", "CACERTS_DEFAULT_PATH = \"/a\n", 1, path("invalid basic string, expected `\"`")),
        ("open string at the end", "\nCACERTS_DEFAULT_PATH = \"/a", 2, path("invalid basic string, expected `\"`")),
        ("open long string", "CACERTS_DEFAULT_PATH = \"\"\"/a\n", 1, path("invalid multi-line basic string, expected `\"`")),
        ("backslash", "CACERTS_DEFAULT_PATH = \"C:\\ssl\"\n", 1, path("missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`")),
        ("raw NUL", "CACERTS_DEFAULT_PATH = \"/a\0\"\n", 1, path("invalid basic string, expected non-double-quote visible characters, `\\`")),
        ("words behind", "CACERTS_DEFAULT_PATH = \"/a\" b\n", 1, path(glued)),
        ("glued, no final line end", &format!("{DEFAULT_PATH} = \"/a\"{ECHO}"), 1, path(glued)),
        ("carriage returns only", "CACERTS_DEFAULT_PATH = \"/a\"\r# b\r", 1, path("carriage return must be followed by newline, expected newline")),
        ("row unquoted", "CACERTS_SEARCH_PATHS = [\n\"/a\",\n/b,\n]\n", 3, list(unquoted)),
        ("no comma", "CACERTS_SEARCH_PATHS = [\n\"/a\"\n\"/b\"\n]\n", 3, list("missing comma between array elements, expected `,`")),
        ("open list", "CACERTS_SEARCH_PATHS = [\n\"/a\",\nCACERTS_PACKAGE = \"a\"\n", 3, list("unexpected `=` in array, expected value, `]`")),
    ]);
}

#[test]
fn bytes_that_are_not_utf8() {
    let table: [(&[u8], usize); 4] = [
        (b"# caf\xe9\n", 1),
        (b"a\r\nb\r\n\xff", 3),
        // Valid as far as it goes: the last character is cut short.
        (b"\n\xe2\x82", 2),
        // UTF-16 with its byte order mark.
        (b"\xff\xfe#\0\n\0", 1),
    ];
    for (bytes, line) in table {
        let Err(error) = File::new("defaults.toml", bytes.into()) else { panic!("{bytes:?}") };
        let expected = format!("defaults.toml:{line}: is not UTF-8; save the file as UTF-8");
        assert_eq!(error.to_string(), expected, "{bytes:?}");
    }
}

#[test]
fn the_variable_is_refused_by_its_own_name() {
    for (value, what) in [
        ("ca.pem", r#""ca.pem" is not an absolute path"#),
        ("/a/../b", r#""/a/../b" contains `..`"#),
        ("/a\ncargo::rustc-cfg=x", r#""/a\ncargo::rustc-cfg=x" contains a line break"#),
        ("/a\r", r#""/a\r" contains a line break"#),
        ("/a ", r#""/a " begins or ends with a space"#),
        (" ", r#"" " begins or ends with a space"#),
        ("\"/a\"", r#""\"/a\"" is not an absolute path"#),
    ] {
        let said = message(bake(&file(SHIPPED, ECHO), None, Some(value), false));
        assert_eq!(said, format!("$CACERTS_DEFAULT_PATH: {what}; {A_STORE}"));
    }
}

#[test]
fn the_own_files_name() {
    let named = own_file_name("/a/my own.toml").expect("absolute");
    assert_eq!(named, "/a/my own.toml (named by $CACERTS_DEFAULTS_FILE)");
    for (path, what) in [
        ("own.toml", r#""own.toml" is a relative path"#),
        ("../own.toml", r#""../own.toml" is a relative path"#),
        ("/a\ncargo::rustc-cfg=x", r#""/a\ncargo::rustc-cfg=x" contains a control character"#),
    ] {
        let expected =
            format!("$CACERTS_DEFAULTS_FILE: {what}; give the absolute path of your file");
        assert_eq!(message(own_file_name(path)), expected);
    }
}

#[test]
fn every_message_is_one_line() {
    let said = Error::new("/a\nb", "c\r\nd\u{7}").to_string();
    assert_eq!(said, "/a\u{fffd}b: c\u{fffd}\u{fffd}d\u{fffd}");
}

/// Cut anywhere, or with any character put in anywhere, a good file bakes or is refused with one
/// line that names a line of it: no slip of an index, whatever stands there.
#[test]
fn damaged_files_are_refused_on_one_of_their_lines() {
    let text = r#"# é
CACERTS_DEFAULT_PATH = "/a\\é"
CACERTS_SEARCH_PATHS = [
    '/b', # é
    '''/c''',
]
"CACERTS_TLS_MIN_VERSION" = "1.3" # c
"#;
    assert!(bake_text(text).is_ok());
    let check = |damaged: &str| {
        if let Err(error) = bake_text(damaged) {
            let said = error.to_string();
            let line = said.strip_prefix("defaults.toml:").and_then(|rest| rest.split_once(": "));
            let line: usize = line.and_then(|(line, _)| line.parse().ok()).expect(&said);
            assert!((1..=damaged.lines().count()).contains(&line), "{said}\n{damaged}");
            assert!(!said.contains(char::is_control), "{said}");
        }
    };
    let puts =
        ["\"", "'", "\n", "\r", "=", "[", "]", "{", ".", "#", "é", "\u{202e}", "\0", "\\", "\n\n"];
    for (at, c) in text.char_indices() {
        let (before, behind) = text.split_at(at);
        check(before);
        check(&format!("{before}{}", &behind[c.len_utf8()..]));
        for put in puts {
            check(&format!("{before}{put}{behind}"));
        }
    }
}
