//! What a run says beside what cargo says: one line.

use crate::world::{STORE, World};

#[test]
fn one_line_says_what_is_in_place() {
    let world = World::new("said");
    world.publish("older", "1.0.0", "[dependencies]\nopenssl-probe = \"0.1\"\n", "");
    let dependencies = "openssl-probe = \"0.2\"\nolder = \"1\"\n";
    world.program("", dependencies, crate::world::MAIN);
    let expected = format!(
        "cargo cacerts: drop-ins for openssl-probe 0.1.6, openssl-probe 0.2.1: the store is {STORE}"
    );
    // Without a lock file, and with one.
    for _ in 0..2 {
        let run = world.run(&["check"]);
        assert_eq!(run.stderr.lines().next(), Some(&*expected), "{}", run.stderr);
        for noise in ["Locking", "Adding", "Patch", "patch"] {
            assert!(!run.stderr.contains(noise), "{}", run.stderr);
        }
        world.lock();
    }
    for words in [&["check", "-q"][..], &["check", "--quiet"], &["run", "-q"], &["check", "-rq"]] {
        let run = world.run(words);
        assert!(run.status.success());
        assert_eq!(run.stderr, "", "{words:?}");
    }
    for words in [["check", "-v"], ["check", "--verbose"], ["check", "-rvv"]] {
        std::fs::remove_dir_all(world.root.join("app/target")).unwrap();
        let run = world.run(&words);
        assert!(run.status.success());
        assert!(run.stderr.contains(&expected) && run.stderr.contains("Adding"), "{}", run.stderr);
    }

    world.program("", "", "fn main() {}");
    let run = world.run(&["check"]);
    let expected = "cargo cacerts: no drop-ins: the program has none of the crates";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
}

#[test]
fn errors_of_cargo_are_whole() {
    let world = World::new("said_errors");
    for dependencies in [
        "openssl-probe = \"0.9\"\n",
        "openssl-probe = { version = \"0.2\", features = [\"none\"] }\n",
        "openssl-probe = \"0.2\"\nnot toml",
    ] {
        world.program("", dependencies, "fn main() {}");
        let plain = world.start_plain(&["check"]).end();
        let run = world.run(&["check"]);
        assert_eq!(run.status.code(), plain.status.code(), "{}", run.stderr);
        assert_eq!(run.stderr, plain.stderr);
    }
}

/// What has nothing to do with what the program is built of is not resolved for, and neither is what there
/// is not.
#[test]
fn nothing_is_announced_where_nothing_is_built() {
    let world = World::new("said_nothing");
    world.program("", "openssl-probe = \"0.2\"\n", crate::world::MAIN);
    let unknown = world.run(&["biuld", "--release"]);
    let line = unknown.refused(2);
    assert!(line.contains("cargo has no subcommand biuld; cargo --list"), "{line}");
    for words in [&["new", "../another"][..], &["locate-project"], &["version"]] {
        let run = world.run(words);
        assert!(run.status.success(), "{words:?}: {}", run.stderr);
        assert!(!run.stderr.contains("cargo cacerts:"), "{words:?}: {}", run.stderr);
    }
    assert!(world.read("another/Cargo.toml").is_some());
    assert_eq!(world.read("app/Cargo.lock"), None, "nothing was resolved");
    // What is installed beside cargo is known.
    world.program("[lib]\npath = \"src/main.rs\"\n", "openssl-probe = \"0.2\"\n", "");
    let run = world.run(&["tree"]);
    assert!(run.status.success() && run.stderr.contains("drop-ins for"), "{}", run.stderr);
}
