//! Tables for the command line. It may use `args`.

use super::*;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn cargo(line: &str) -> Words {
    match parse(words(line)) {
        Ok(Asked::Cargo(words)) => words,
        _ => panic!("{line} is not for cargo"),
    }
}

#[test]
fn what_is_asked() {
    assert!(matches!(parse(words("cacerts --help")), Ok(Asked::Help)));
    assert!(matches!(parse(words("-V")), Ok(Asked::Version)));
    for line in ["", "cacerts", "--offline build", "+nightly build", "update", "drop-in a 1"] {
        assert!(matches!(parse(words(line)), Err(Failure::Usage(_))), "{line}");
    }
    let expected = Asked::DropIn {
        name: "a".to_owned(),
        version: "1.0.0".to_owned(),
        directory: "d".into(),
        cacerts: "version=\"0.2\"".to_owned(),
    };
    let line = "drop-in a --cacerts=version=\"0.2\" 1.0.0 d";
    assert!(parse(words(line)).is_ok_and(|asked| asked == expected));
}

#[test]
fn options_are_found_before_the_dashes_only() {
    let line = "test --offline -Fx --features y,z --target=a --target b -- --locked --target c";
    let words = cargo(line);
    assert_eq!(words.values(&["--target"]), ["a", "b"]);
    assert_eq!(words.features(), ["--features", "x", "--features", "y,z"]);
    assert_eq!(words.resolving(), ["--offline"]);
    assert!(!words.locked());
    assert!(cargo("build --frozen").locked());
    assert_eq!(cargo("build --frozen").resolving(), ["--offline"]);
}

#[test]
fn what_is_for_the_program_is_not_ours() {
    for (line, features, help) in [
        ("run serve -h", &[][..], false),
        ("run -p a --bin b --features x serve --features y --config z", &["x"], false),
        ("r -F x serve -h --offline", &["x"], false),
        ("r -qj 2 -F x serve -F y", &["x"], false),
        ("rustc -Fx opt -Fy", &["x"], false),
        ("run -- -h", &[], false),
        ("run -h", &[], true),
        ("test name --features x -- --features y", &["x"], false),
        ("build -qF x", &["x"], false),
        ("build -vrFx -q", &["x"], false),
        ("build -rF=x", &["x"], false),
        ("build -F -F x", &["-F"], false),
    ] {
        let words = cargo(line);
        assert_eq!(words.values(&["-F", "--features"]), features, "{line}");
        let quiet = line.starts_with("build -q") || line.starts_with("r -q");
        assert_eq!(words.is_quiet(), quiet || line == "build -vrFx -q", "{line}");
        let verbose = words.resolving().contains(&VERBOSE.into());
        assert_eq!(verbose, line.starts_with("build -v"), "{line}");
        assert_eq!(words.wants_help(), help, "{line}");
        let more = words.with_config(Path::new("ours"));
        let more = Words { subcommand: words.subcommand, rest: more };
        assert_eq!(more.values(&["--config"]), ["ours"], "{line}");
        assert!(more.locked(), "{line}");
    }
}

#[test]
fn words_are_taken_out_with_their_values() {
    let words = cargo("install a@1 --version 1 --root r --git=u --locked -- x");
    let left = words.without(&["--locked"], &["--version", "--git"], &["a@1".into()]);
    assert_eq!(left.rest, ["--root", "r", "--", "x"]);
    assert_eq!(words.positional(&["--version", "--root", "--git"]), ["a@1"]);
    let words = cargo("install a --bin a -qF a");
    assert_eq!(words.without(&[], &[], &["a".into()]).rest, ["--bin", "a", "-qF", "a"]);
}
