//! What is written for odd and for plain values: the constants, and nothing else.

use super::*;
use toml::Table;

/// Paths that are odd and allowed.
const ODD_PATHS: [&str; 20] = [
    "/",
    "/etc/ssl/certs/",
    "/none",
    "/with space/and  two",
    "/quote\"/quote'/both\"'",
    "/\"\"\"/'''",
    "/back\\slash\\",
    "/hash # no comment",
    "/{}/{0}/{path:?}/{{",
    "/%s/$HOME/${HOME}/$(id)/`id`",
    "/..a/a../...",
    "/*/\u{feff}/?",
    "/\u{e9}/e\u{301}/\u{65e5}\u{672c}/\u{1f512}",
    // Overrides that would make the source read as something else.
    "/\u{202e}gpj.\u{2066}x",
    "/a\u{2028}b\u{2029}c",
    "/a\"; pub const X: &str = \"b",
    "/a\"); fn main() {} //",
    "/a\\\"; pub const X: &str = \"b",
    "/r#\"a\"#",
    "/a */ /* \\u{22} \\x22 \\n",
];

/// Reads one Rust string literal at the start of `text`: its value and what is behind it. It knows
/// no more than what may be there: no raw strings, no continued lines.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut value = String::new();
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => return Some((value, rest)),
            '\\' => {
                let escape = rest.chars().next()?;
                rest = &rest[escape.len_utf8()..];
                value.push(match escape {
                    'n' => '\n',
                    '\\' | '"' | '\'' => escape,
                    'u' => {
                        let (hex, behind) = rest.strip_prefix('{')?.split_once('}')?;
                        rest = behind;
                        u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?
                    }
                    _ => return None,
                });
            }
            // rustc refuses these in a literal (text_direction_codepoint_in_literal).
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => return None,
            c if c.is_control() => return None,
            c => value.push(c),
        }
    }
}

/// The constants of a generated module, by name, or `None` if there is anything else in it.
fn constants(source: &str) -> Option<Vec<(String, Vec<String>)>> {
    let mut found = Vec::new();
    for line in source.lines() {
        if line.is_empty() || line.starts_with("// ") || line.starts_with("/// ") {
            continue;
        }
        let rest = line.strip_prefix("pub").map(|l| l.strip_prefix("(crate)").unwrap_or(l))?;
        let (name, rest) = rest.strip_prefix(" const ")?.split_once(": ")?;
        let (kind, rest) = rest.split_once(" = ")?;
        let (open, close) = match kind {
            "&str" => ("", ";"),
            "Option<&str>" if rest == "None;" => ("None", ";"),
            "Option<&str>" => ("Some(", ");"),
            "&[&str]" => ("&[", "];"),
            _ => return None,
        };
        let mut rest = rest.strip_prefix(open)?;
        let mut values = Vec::new();
        while let Some((value, behind)) = literal(rest) {
            values.push(value);
            rest = behind.strip_prefix(", ").unwrap_or(behind);
        }
        if rest != close {
            return None;
        }
        found.push((name.to_owned(), values));
    }
    Some(found)
}

#[test]
fn odd_paths_are_paths_and_nothing_else() {
    for path in ODD_PATHS {
        let list = Value::from(vec![path, path]);
        let text = format!(
            "{}{SEARCH_PATHS} = {list}\n{SYSTEM_CONFIG} = {}\n",
            set(path),
            Value::from(path)
        );
        let defaults = bake_text(&text).expect(path);
        // The variable needs no quotes.
        let by_variable = bake(&file(SHIPPED, ""), None, Some(path), false).expect(path);
        assert_eq!(by_variable.default_path.as_deref(), Some(path));

        let source = defaults.render();
        let mut found = constants(&source).unwrap_or_else(|| panic!("{path:?}\n{source}"));
        let (name, note) = found.pop().expect("the note");
        assert_eq!(name, "NOTE");
        let expected = [
            (DEFAULT_PATH, vec![path]),
            (FILE_VARIABLE, vec![]),
            (PACKAGE, vec!["ca-certificates"]),
            (SEARCH_PATHS, vec![path, path]),
            (SYSTEM_CONFIG, vec![path]),
            (TLS_MIN_VERSION, vec!["1.2"]),
        ];
        let expected = expected.map(|(name, values)| {
            (name.to_owned(), values.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        assert_eq!(found, expected, "{path:?}");

        // The note is a defaults file, from which the same would be baked.
        let note = &note[0];
        let parsed: Table = note.parse().expect(note);
        assert_eq!(parsed.len(), KEYS.len(), "{note}");
        assert_eq!(parsed[DEFAULT_PATH].as_str(), Some(path), "{note}");
        assert_eq!(parsed[SEARCH_PATHS], list, "{note}");
        assert_eq!(bake_text(note).as_ref(), Ok(&defaults), "{note}");
        // One line for dependents, whatever the path.
        for line in defaults.build_log() {
            assert_eq!(line.split('\n').count(), 1);
        }
    }
}

/// The check above can fail.
#[test]
fn the_check_of_generated_code_is_strict() {
    let good = bake_text(ECHO).expect("bakes").render();
    assert!(constants(&good).is_some());
    let value = "Some(\"/etc/ssl/certs/ca-certificates.crt\");";
    assert!(good.contains(value));
    for bad in [
        "Some(\"/a\"); pub const X: &str = \"b\";",
        "Some(\"/a\");\nfn main() {}",
        "Some(\"/a\"",
        "Some(r\"/a\");",
        "Some(\"/\u{202e}\");",
        "Some(\"/a\n\");",
    ] {
        assert_eq!(constants(&good.replace(value, bad)), None, "{bad}");
    }
}

#[test]
fn the_module_as_a_whole() {
    let text = "CACERTS_DEFAULT_PATH = '/a'\nCACERTS_PACKAGE = 'p'\n\
        CACERTS_SEARCH_PATHS = ['/b', '/c']\nCACERTS_TLS_MIN_VERSION = '1.3'\n";
    let expected = r#"// @generated by build.rs from defaults.toml, $CACERTS_DEFAULTS_FILE and $CACERTS_DEFAULT_PATH.

/// The CA store that this build trusts; `None` where nothing was baked in.
pub const CACERTS_DEFAULT_PATH: Option<&str> = Some("/a");
/// A variable of the distribution's own that takes the place of `SSL_CERT_FILE` where it is set.
pub const CACERTS_FILE_VARIABLE: Option<&str> = None;
/// The package that provides the store, for error messages.
pub const CACERTS_PACKAGE: Option<&str> = Some("p");
/// Where a build with nothing baked in looks for a store, in this order.
pub const CACERTS_SEARCH_PATHS: &[&str] = &["/b", "/c"];
/// The system-wide configuration file of the `cacerts` command.
pub const CACERTS_SYSTEM_CONFIG: &str = "/etc/cacerts/config.toml";
/// The oldest TLS version that is spoken: "1.2" or "1.3".
pub const CACERTS_TLS_MIN_VERSION: &str = "1.3";

/// The same values as TOML, for the ELF note.
pub(crate) const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/a\"\nCACERTS_FILE_VARIABLE = \"none\"\nCACERTS_PACKAGE = \"p\"\nCACERTS_SEARCH_PATHS = [\"/b\", \"/c\"]\nCACERTS_SYSTEM_CONFIG = \"/etc/cacerts/config.toml\"\nCACERTS_TLS_MIN_VERSION = \"1.3\"\n";
"#;
    assert_eq!(bake_text(text).expect("bakes").render(), expected);
}

/// Whoever decided, wherever the file is kept, in whatever order the keys stand and with whatever
/// comments: the same values give the same bytes.
#[test]
fn the_same_values_give_the_same_bytes() {
    let lines = ["CACERTS_DEFAULT_PATH = '/a'", "CACERTS_PACKAGE = 'p'"];
    let [path, package] = lines;
    let shipped = file(SHIPPED, &format!("{path}\n{package}\n"));
    let package = file(SHIPPED, package);
    let renders: Vec<String> = [
        bake(&shipped, None, None, false),
        bake(&file(SHIPPED, &format!("# c\r\n{}\r\n{path}", lines[1])), None, None, false),
        bake(&package, Some(&file("/build/own-file.toml", path)), None, false),
        bake(&package, Some(&file("/elsewhere/own-file.toml", path)), None, false),
        bake(&package, None, Some("/a"), false),
        bake(&shipped, Some(&file("/own-file.toml", "")), Some("/a"), false),
    ]
    .map(|defaults| defaults.expect("bakes").render())
    .into();
    for render in &renders {
        assert_eq!(render, &renders[0]);
        assert!(!render.contains("own-file"));
    }
}
