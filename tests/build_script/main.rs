//! The build script with the real cargo: what a packager sets, what is then in the program, and
//! what is said when it is wrong.

#![cfg(unix)]

#[cfg(feature = "cli")]
mod bcfg2;
mod kamaki;
mod libcloud;
mod sandbox;

use sandbox::{Sandbox, generated, pristine, set_writable, stopped};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const PATH: &str = "CACERTS_DEFAULT_PATH";
const FILE: &str = "CACERTS_DEFAULTS_FILE";
const DEBIAN: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The line that the documentation has a packager append.
const ECHO: &str = "CACERTS_DEFAULT_PATH = \"/etc/ssl/certs/ca-certificates.crt\"\n";

fn utf8(path: &Path) -> &str {
    path.to_str().expect("the sandbox has a UTF-8 name")
}

#[test]
fn the_three_ways_to_decide() {
    let sandbox = Sandbox::new("ways");
    sandbox.ship(pristine() + ECHO);
    // The variable beats the file; changing it builds again, and so does going back.
    sandbox.expect("/variable/a.pem", &[(PATH, "/variable/a.pem")]);
    sandbox.expect("/variable/b.pem", &[(PATH, "/variable/b.pem")]);
    sandbox.expect("nothing", &[(PATH, "none")]);
    sandbox.expect("/variable/a.pem", &[(PATH, "/variable/a.pem")]);
    // Set and empty is not set.
    sandbox.expect(DEBIAN, &[(PATH, ""), (FILE, "")]);
    sandbox.expect(DEBIAN, &[]);
}

#[test]
fn an_own_file_leaves_the_source_alone() {
    let sandbox = Sandbox::new("own");
    let own = sandbox.write("own.toml", "CACERTS_DEFAULT_PATH = '/own/a.pem'\n");
    let other = sandbox.write("other.toml", "CACERTS_DEFAULT_PATH = '/other.pem'\n");
    let own_file = (FILE, utf8(&own));
    set_writable(&sandbox.crate_dir(), false);
    // Root may write anywhere, so it has to be seen that nothing did.
    let before = sandbox.snapshot();
    sandbox.expect("/own/a.pem", &[own_file]);
    // Its text counts, and which file it is, there and back.
    sandbox.write("own.toml", "CACERTS_DEFAULT_PATH = '/own/b.pem'\n");
    sandbox.expect("/own/b.pem", &[own_file]);
    sandbox.expect("/other.pem", &[(FILE, utf8(&other))]);
    sandbox.expect("/own/b.pem", &[own_file]);
    sandbox.expect("/variable.pem", &[own_file, (PATH, "/variable.pem")]);
    sandbox.expect("nothing", &[]);
    assert_eq!(sandbox.snapshot(), before);
    set_writable(&sandbox.crate_dir(), true);
}

const A_STORE: &str = "allowed is an absolute path without `..` and control characters, \
    such as /etc/ssl/certs/ca-certificates.crt, or \"none\"";

#[test]
fn a_mistake_in_a_file_stops_the_build_with_one_line() {
    let sandbox = Sandbox::new("mistakes");
    let path = |what: &str| format!("{PATH}: {what}; {A_STORE}");
    #[rustfmt::skip]
    let table: [(&str, &[u8], usize, String); 10] = [
        ("unquoted", b"CACERTS_DEFAULT_PATH = /etc/x\n", 1, format!("{PATH}: the value has to stand in double quotes, as in {PATH} = \"/etc/x\"")),
        ("key twice", b"CACERTS_DEFAULT_PATH = '/a'\n\nCACERTS_DEFAULT_PATH = '/b'\n", 3, format!("{PATH}: is set a second time, first on line 1; keep one of the two lines")),
        ("unknown key", b"#\nCACERTS_DEFAULT_PAHT = '/a'\n", 2, "CACERTS_DEFAULT_PAHT: is not a key of this file; allowed are CACERTS_DEFAULT_PATH, CACERTS_FILE_VARIABLE, CACERTS_PACKAGE, CACERTS_SEARCH_PATHS, CACERTS_SYSTEM_CONFIG, CACERTS_TLS_MIN_VERSION".into()),
        ("relative", b"CACERTS_DEFAULT_PATH = 'ca.pem'\n", 1, path("\"ca.pem\" is not an absolute path")),
        ("upwards", b"CACERTS_DEFAULT_PATH = '/a/../b'\n", 1, path("\"/a/../b\" contains `..`")),
        ("newline", b"CACERTS_DEFAULT_PATH = \"/a\\nb\"\n", 1, path(r#""/a\nb" contains a line break"#)),
        ("NUL", b"CACERTS_DEFAULT_PATH = \"/a\\u0000b\"\n", 1, path(r#""/a\0b" contains a NUL character"#)),
        ("wrong type", b"CACERTS_DEFAULT_PATH = 1\n", 1, format!("{PATH}: is an integer; allowed is a string in double quotes")),
        ("wrong type of a list", b"CACERTS_SEARCH_PATHS = '/a'\n", 1, "CACERTS_SEARCH_PATHS: is a string; allowed is a list of paths in double quotes, or [] to search nowhere".into()),
        ("not UTF-8", b"# a\n# \xff\n", 2, "is not UTF-8; save the file as UTF-8".into()),
    ];
    let own = sandbox.write("own.toml", "");
    for (case, text, line, what) in &table {
        sandbox.write("own.toml", text);
        let expected = format!("{} (named by ${FILE}):{line}: {what}", own.display());
        assert_eq!(stopped(&sandbox, &[(FILE, own.as_ref())]), expected, "{case}");
    }
    // The shipped file is named by its own name, wherever the source is; these two are made first.
    for (case, text, line, what) in &table[..2] {
        sandbox.ship(text);
        assert_eq!(stopped(&sandbox, &[]), format!("defaults.toml:{line}: {what}"), "{case}");
    }
}

#[test]
fn a_wrong_variable_stops_the_build_with_one_line() {
    let sandbox = Sandbox::new("variables");
    for (value, what) in [
        (&b"ca.pem"[..], format!("\"ca.pem\" is not an absolute path; {A_STORE}")),
        (b"/a/../b", format!("\"/a/../b\" contains `..`; {A_STORE}")),
        (b"/a\nb", format!("\"/a\\nb\" contains a line break; {A_STORE}")),
        // What would be an instruction to cargo, were it written out as it is.
        (
            b"/a\ncargo::warning=x",
            format!("\"/a\\ncargo::warning=x\" contains a line break; {A_STORE}"),
        ),
        (b"/\xff", "is not UTF-8; write the path in UTF-8".into()),
    ] {
        let said = stopped(&sandbox, &[(PATH, OsStr::from_bytes(value))]);
        assert_eq!(said, format!("${PATH}: {what}"));
    }

    let own = sandbox.crate_dir();
    for (value, what) in [
        ("own.toml", "\"own.toml\" is a relative path; give the absolute path of your file"),
        (
            "/a\ncargo::warning=x",
            "\"/a\\ncargo::warning=x\" contains a control character; \
             give the absolute path of your file",
        ),
    ] {
        assert_eq!(stopped(&sandbox, &[(FILE, value.as_ref())]), format!("${FILE}: {what}"));
    }
    let not_utf8 = stopped(&sandbox, &[(FILE, OsStr::from_bytes(b"/\xff"))]);
    assert_eq!(not_utf8, format!("${FILE}: is not UTF-8; write the path in UTF-8"));
    let missing = own.join("missing.toml");
    let not_found = fs::read(&missing).expect_err("no file");
    for (path, why) in [
        (missing, format!("cannot be read: {not_found}")),
        (own, "is not a file".to_owned()),
        ("/dev/null".into(), "is not a file".to_owned()),
    ] {
        let expected = format!(
            "{} (named by ${FILE}): {why}; it has to be a file with the keys of defaults.toml",
            path.display()
        );
        assert_eq!(stopped(&sandbox, &[(FILE, path.as_ref())]), expected);
    }
    // A mistake leaves nothing behind: without it the build goes on.
    let run = sandbox.cargo(&["check"], &[]);
    assert!(run.status.success(), "{}", run.stderr);
}

/// For programs whose packages must have one: the variable may not get through a clean environment.
#[test]
fn a_build_that_requires_a_path_stops_without_one() {
    let sandbox = Sandbox::new("required");
    let manifest = fs::read_to_string(sandbox.crate_dir().with_file_name("Cargo.toml")).unwrap();
    let no_default = "default-features = false";
    let required = format!("{no_default}, features = [\"require-path\"]");
    assert!(manifest.contains(no_default));
    sandbox.write("Cargo.toml", manifest.replace(no_default, &required));
    let said = |by: &str| {
        format!(
            "{by}: names no store, and the feature require-path wants one; set ${PATH} to its path, \
             such as {DEBIAN}"
        )
    };
    sandbox.ship(pristine());
    assert_eq!(stopped(&sandbox, &[]), said("defaults.toml"));
    assert_eq!(stopped(&sandbox, &[(PATH, "none".as_ref())]), said(&format!("${PATH}")));
    let own = sandbox.write("own.toml", "CACERTS_DEFAULT_PATH = \"none\"\n");
    assert_eq!(stopped(&sandbox, &[(FILE, own.as_ref())]), said(&format!("${FILE}")));
    // Each of the three ways to decide is one.
    sandbox.expect("/variable/a.pem", &[(PATH, "/variable/a.pem")]);
    sandbox.write("own.toml", ECHO);
    sandbox.expect(DEBIAN, &[(FILE, utf8(&own))]);
    sandbox.ship(pristine() + ECHO);
    sandbox.expect(DEBIAN, &[]);
}

/// With nothing to compile, too: cargo runs the build script again for these.
#[test]
fn a_variable_that_is_set_in_vain_stops_the_build_with_one_line() {
    let sandbox = Sandbox::new("in-vain");
    let own = sandbox.write("own.toml", "CACERTS_PACKAGE = 'ca-bundle'\n");
    let in_a_file_only = "is for a file only; set it in the file that $CACERTS_DEFAULTS_FILE \
        names, and unset the variable";
    let near_miss = "is not a variable of cacerts; set $CACERTS_DEFAULT_PATH to the path of a \
        store or $CACERTS_DEFAULTS_FILE to the path of your own file, and unset this one";
    for (name, what) in [
        ("CACERTS_PACKAGE", in_a_file_only),
        ("CACERTS_DEFAULTS_PATH", near_miss),
        ("CACERT_DEFAULT_PATH", near_miss),
    ] {
        let vain = (name, OsStr::new("/x"));
        assert!(sandbox.cargo(&["check"], &[]).status.success());
        assert_eq!(stopped(&sandbox, &[vain]), format!("${name}: {what}"));
        // A right one beside it does not make it right, nor does a value that is no text.
        let both = [(name, OsStr::from_bytes(b"\xff")), (PATH, DEBIAN.as_ref())];
        assert_eq!(stopped(&sandbox, &both), format!("${name}: {what}"));
        // Set and empty is not set.
        sandbox.expect(DEBIAN, &[(name, ""), (PATH, DEBIAN)]);
    }
    // Of no name that cargo could know.
    let typo = [("cacerts_default_paht", DEBIAN.as_ref())];
    sandbox.ship(pristine() + "\n");
    assert_eq!(stopped(&sandbox, &typo), format!("$cacerts_default_paht: {near_miss}"));

    // The right places for it, and what is set for others, even without a meaning as text.
    sandbox.expect(DEBIAN, &[(PATH, DEBIAN), ("CACERTS_PATH", "x"), ("CACERT_FILE", "x")]);
    let others = OsStr::from_bytes(b"\xff");
    let variables = [(FILE, own.as_ref()), ("CACERTS", others), ("CACERTS_PASSWORD", others)];
    assert!(generated(&sandbox, &variables).contains("Some(\"ca-bundle\")"));
}

/// Whatever a path contains, it compiles, and is that path.
#[test]
fn no_path_becomes_code() {
    let sandbox = Sandbox::new("odd");
    for path in [
        "/a\"); pub const X: () = panic!(\"b",
        "/a\\\"; } fn main() {} /*",
        "/{}{path}${HOME} # \u{202e}\u{2028}\u{e9}'''",
    ] {
        sandbox.expect(path, &[(PATH, path)]);
    }
}

#[test]
fn the_same_settings_give_the_same_bytes_anywhere() {
    let [one, two] = ["same-1", "same-2"].map(Sandbox::new);
    let text = "CACERTS_DEFAULT_PATH = '/same.pem'\n";
    let own = two.write("kept-elsewhere.toml", text);
    one.ship(pristine() + text);
    let first = generated(&one, &[]);
    assert!(first.contains("Some(\"/same.pem\")"));
    // By another way to decide, in another directory, with another environment.
    let second = generated(&two, &[(FILE, own.as_ref()), ("SSL_CERT_FILE", "/x".as_ref())]);
    assert_eq!(first, second);
}

/// The ELF note in the bytes of a program: its description.
#[cfg(target_os = "linux")]
fn note(program: &Path) -> Option<String> {
    let bytes = fs::read(program).expect("the program");
    let name = b"cacerts\0";
    (12..bytes.len() - name.len()).find_map(|at| {
        let header = |i| Some(u32::from_ne_bytes(bytes.get(i..i + 4)?.try_into().ok()?));
        let size = header(at - 8)? as usize;
        let found = bytes[at..].starts_with(name)
            && header(at - 12)? == name.len() as u32
            && header(at - 4)? == 0xcace_0001;
        let description = found.then(|| bytes.get(at + 8..at + 8 + size))??;
        Some(String::from_utf8(description.to_vec()).expect("text"))
    })
}

#[cfg(target_os = "linux")]
#[test]
fn the_note_is_in_the_program_and_survives_lto_and_strip() {
    let sandbox = Sandbox::new("note");
    let path = "/note/ca.pem".as_ref();
    let plain = sandbox.run(&["run"], &[(PATH, path)]);
    // As distributions build; without optimisation, which has no part in this and takes long.
    let release = [
        (PATH, path),
        ("CARGO_PROFILE_RELEASE_LTO", "thin".as_ref()),
        ("CARGO_PROFILE_RELEASE_STRIP", "symbols".as_ref()),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1".as_ref()),
        ("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL", "0".as_ref()),
    ];
    let stripped = sandbox.run(&["run", "--release"], &release);
    for baked in [plain, stripped] {
        assert_eq!(
            (baked.path.as_str(), baked.dependent.as_str()),
            ("/note/ca.pem", "/note/ca.pem")
        );
        let note = note(&baked.program).expect("a note");
        assert!(note.starts_with("CACERTS_DEFAULT_PATH = \"/note/ca.pem\"\nCACERTS_"), "{note}");
        assert!(note.ends_with("\n"), "{note}");
    }
}
