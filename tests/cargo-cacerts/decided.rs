//! What the program trusts is what was decided, and what is built anew for it.

use crate::world::{STORE, World};
use cacerts::defaults::CACERTS_DEFAULT_PATH;

#[test]
fn the_program_has_the_drop_in_and_cargo_its_lock_file() {
    let world = World::new("the_program");
    let dependencies =
        "openssl-probe = \"0.2\"\nolder = { package = \"openssl-probe\", version = \"0.1\" }\n";
    let main = "fn main() {
        println!(\"{}\", openssl_probe::probe().cert_file.unwrap().display());
        println!(\"{}\", older::probe().cert_file.unwrap().display());
    }";
    world.program("", dependencies, main);
    let plain = world.start_plain(&["run"]).end();
    assert_eq!(plain.said(), ["/the/original", "/the/original"]);
    let lock = world.lock();

    let run = world.run(&["run"]);
    assert_eq!(run.said(), [STORE, STORE]);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));

    // Nothing is built for nothing, and all that it takes when the store is another.
    let again = world.run(&["build"]);
    assert!(again.status.success() && !again.stderr.contains("Compiling"), "{}", again.stderr);
    let other = world.run_with(&["run"], &[("CACERTS_DEFAULT_PATH", "/other.pem")]);
    assert_eq!(other.said(), ["/other.pem", "/other.pem"]);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
}

#[test]
fn the_own_variable_of_a_distribution_is_heeded() {
    let world = World::new("variable");
    let own = world.write("own.toml", "CACERTS_FILE_VARIABLE = \"OWN_CERT_FILE\"\n");
    let own = ("CACERTS_DEFAULTS_FILE", own.to_str().unwrap());
    let said = |variables: &[_]| {
        let run = world.run_with(&["run"], &[&[own], variables].concat());
        run.said()[0].to_owned()
    };
    let (mine, usual) = (("OWN_CERT_FILE", "/mine.pem"), ("SSL_CERT_FILE", "/usual.pem"));
    assert_eq!(said(&[mine, usual]), "/mine.pem");
    assert_eq!(said(&[usual]), "/usual.pem");
    assert_eq!(said(&[]), STORE);
    assert_eq!(world.run_with(&["run"], &[mine]).said()[0], STORE, "nobody has named it");
}

#[test]
fn the_decision_is_taken_like_that_of_the_build_script() {
    let world = World::new("decision");
    let own = world.write("own.toml", "CACERTS_DEFAULT_PATH = \"/own.pem\"\n");
    let own = own.to_str().unwrap();
    let run =
        world.run_with(&["run"], &[("CACERTS_DEFAULT_PATH", ""), ("CACERTS_DEFAULTS_FILE", own)]);
    assert_eq!(run.said()[0], "/own.pem");

    for (name, value, expected) in [
        ("CACERTS_DEFAULT_PATH", "relative.pem", "is not an absolute path"),
        ("CACERTS_DEFAULTS_FILE", "own.toml", "is a relative path"),
        ("CACERTS_DEFAULTS_FILE", "/none/such", "cannot be read"),
        ("CACERTS_PACKAGE", "x", "is for a file only"),
        ("CACERTS_DEFAULTS_PATH", "x", "is not a variable of cacerts"),
    ] {
        let run = world.run_with(&["build"], &[(name, value)]);
        let line = run.refused(2);
        assert!(line.contains(expected) && line.contains(name), "{line}");
    }
    let nothing = world.run_with(&["build"], &[("CACERTS_DEFAULT_PATH", "none")]);
    let line = nothing.refused(2);
    assert!(line.contains("set $CACERTS_DEFAULT_PATH to its path"), "{line}");
    assert!(line.ends_with("($CACERTS_DEFAULT_PATH says none)"), "{line}");
    let own = world.write("none.toml", "CACERTS_DEFAULT_PATH = \"none\"\n");
    let file = ("CACERTS_DEFAULTS_FILE", own.to_str().unwrap());
    let nothing = world.run_with(&["build"], &[("CACERTS_DEFAULT_PATH", ""), file]);
    let line = nothing.refused(2);
    assert!(line.ends_with("($CACERTS_DEFAULTS_FILE says none)"), "{line}");

    let baked = world.run_with(&["run"], &[("CACERTS_DEFAULT_PATH", "")]);
    match CACERTS_DEFAULT_PATH {
        Some(path) => assert_eq!(baked.said()[0], path),
        None => assert!(baked.refused(2).contains("nothing is baked into this cargo-cacerts")),
    }
}

#[test]
fn run_and_test_hand_on_what_the_caller_has_set() {
    let world = World::new("environment");
    let unset = world.run(&["run"]);
    assert_eq!(unset.said(), [STORE, "Some(\"\")"]);
    let set = world.run_with(&["run"], &[("SSL_CERT_FILE", "/callers.pem")]);
    assert_eq!(set.said(), ["/callers.pem", "Some(\"/callers.pem\")"]);

    // cargo itself starts this command, and exports what it has found.
    let through_cargo =
        |variables: &[(&str, &str)]| world.start_by_cargo(&["run"], variables).end();
    assert_eq!(through_cargo(&[]).said(), [STORE, "Some(\"\")"]);
    let callers = world.write("callers.pem", "");
    let callers = callers.to_str().unwrap();
    assert_eq!(through_cargo(&[("SSL_CERT_FILE", callers)]).said()[0], callers);

    // The program's configuration has them in another form; cargo changes what names no file.
    world.write("app/.cargo/config.toml", "[env]\nSSL_CERT_FILE = \"\"\n");
    assert_eq!(through_cargo(&[]).said(), [STORE, "Some(\"\")"]);
    assert_eq!(through_cargo(&[("SSL_CERT_FILE", callers)]).said()[0], callers);

    let test =
        "#[test] fn handed_on() { assert_eq!(std::env::var(\"SSL_CERT_FILE\").unwrap(), \"\"); }";
    world.write("app/tests/handed_on.rs", test);
    let run = world.run(&["test"]);
    assert!(run.status.success(), "{}{}", run.stdout, run.stderr);
    let run = world.run_with(&["test"], &[("SSL_CERT_FILE", "/callers.pem")]);
    assert_eq!(run.status.code(), Some(101));
}

#[test]
fn help_version_and_wrong_usage() {
    let world = World::new("usage");
    let help = world.run(&["--help"]);
    assert!(help.said().iter().any(|line| line.contains("Usage: cargo cacerts SUBCOMMAND")));
    assert!(world.run(&["--version"]).said()[0].starts_with("cargo-cacerts "));
    for arguments in [
        &[][..],
        &["--release"],
        &["+stable", "build"],
        &["update"],
        &["package"],
        &["inspect"],
        &["drop-in"],
    ] {
        world.run(arguments).refused(2);
    }
    // cargo's own help, and its own errors.
    let run = world.run(&["build", "--help"]);
    assert!(run.said().join("\n").contains("--release"), "{}", run.stdout);
    let expected = "cargo cacerts: cargo's own help of build follows; that of this command is in \
        cargo cacerts --help\n";
    assert_eq!(run.stderr, expected);
    assert_eq!(world.run(&["build", "--no-such-option"]).status.code(), Some(1));
}

#[test]
fn one_drop_in_is_written_for_a_distribution() {
    let world = World::new("drop_in");
    let run = world.run(&["drop-in", "rustls-native-certs", "0.8.4", "../out"]);
    assert_eq!(run.said(), ["../out"]);
    let manifest = world.read("out/Cargo.toml").unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert_eq!(manifest["package"]["version"].as_str(), Some("0.8.4"));
    assert_eq!(manifest["dependencies"]["cacerts"]["version"].as_str(), Some("0.1"));
    assert!(world.read("out/src/note.rs").is_some() && world.read("out/Cargo.toml.in").is_none());

    let other = ["drop-in", "webpki-roots", "1.0.3", "../other", "--cacerts", "path = \"/x\""];
    world.run(&other).said();
    assert!(world.read("other/Cargo.toml").unwrap().contains("path = \"/x\""));
    // Over an older one, and over nobody else's package.
    assert!(world.run(&["drop-in", "rustls-native-certs", "0.8.5", "../out"]).status.success());
    let manifest = world.read("app/Cargo.toml");
    let own = world.run(&["drop-in", "openssl-probe", "0.2.1", "."]);
    assert!(own.refused(2).contains("holds something else than the crate openssl-probe"));
    assert_eq!(world.read("app/Cargo.toml"), manifest);
    let none = world.run(&["drop-in", "openssl-probe", "0.3.0", "../none"]);
    assert!(none.refused(2).contains("there is no drop-in for openssl-probe 0.3.0"));
}
