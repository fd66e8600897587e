//! An original that is left in the program stops the build.

use crate::world::{MAIN, World, has};

#[test]
fn an_original_of_any_other_place_or_version() {
    let world = World::new("left");
    world.package("fork", "openssl-probe", "0.2.1", "", "src/lib.rs", "");
    let cases = [
        (
            "openssl-probe = \"0.3\"\n",
            "openssl-probe 0.3.0 is left in the program, where app 1.0.0 wants it, and has no drop-in; \
             there is one for 0.1, 0.2: ",
        ),
        (
            "openssl-probe = { path = \"../fork\" }\n",
            "openssl-probe 0.2.1 is left in the program, where app 1.0.0 wants it, and is from a path",
        ),
    ];
    for (dependencies, expected) in cases {
        world.program("", dependencies, "fn main() {}");
        let lock = world.lock();
        let run = world.run(&["build"]);
        let line = run.refused(1);
        assert!(line.starts_with(expected), "{line}");
        assert!(!run.stderr.contains("Compiling"), "{}", run.stderr);
        assert_eq!(world.read("app/Cargo.lock"), Some(lock));
    }
    // Its positive twin.
    world.program("", "openssl-probe = \"0.2\"\n", MAIN);
    assert!(world.run(&["build"]).status.success());
}

#[test]
fn an_original_from_git() {
    if !has("git") {
        eprintln!("there is no git to make a repository with");
        return;
    }
    let world = World::new("left_git");
    world.package("fork", "openssl-probe", "0.2.1", "", "src/lib.rs", "");
    world.git("fork");
    let url = format!("file://{}", world.root.join("fork").display());
    world.program("", &format!("openssl-probe = {{ git = {url:?} }}\n"), "fn main() {}");
    let run = world.run_with(&["build"], &[("CARGO_NET_OFFLINE", "false")]);
    let line = run.refused(1);
    assert!(line.contains("is from git+file://"), "{line}");
}

#[test]
fn features_and_platforms_that_are_not_built_do_not_count() {
    let world = World::new("left_not_built");
    let dependencies = "openssl-probe = \"0.2\"\n\
        newer = { version = \"1\", optional = true }\n\
        [target.'cfg(windows)'.dependencies]\nnewest = \"1\"\n";
    for name in ["newer", "newest"] {
        world.publish(name, "1.0.0", "[dependencies]\nopenssl-probe = \"0.3\"\n", "");
    }
    world.program("", dependencies, MAIN);
    assert!(world.run(&["build"]).status.success());
    for words in [&["build", "--features", "newer"][..], &["build", "-qF", "newer"]] {
        let run = world.run(words);
        assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
    }
    let target = "x86_64-pc-windows-gnu";
    let setting = format!("build.target = [{target:?}]");
    for words in [&["tree", "--target", target][..], &["tree", "--config", &setting]] {
        let run = world.run(words);
        assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
    }
    let run = world.run_with(&["tree"], &[("CARGO_BUILD_TARGET", target)]);
    assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
    world.write("app/.cargo/config.toml", &setting);
    let run = world.run(&["build"]);
    assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
    // Older ones do not know it.
    let words = ["tree", "--target", "host-tuple"];
    let plain = world.start_plain(&words).end().status.code();
    assert_eq!(world.run(&words).status.code(), plain);
}

#[test]
fn a_patch_of_the_programs_own_gives_way() {
    let world = World::new("left_patch");
    world.package("fork", "openssl-probe", "0.2.1", "", "src/lib.rs", "");
    let patch = "\n[patch.crates-io]\nopenssl-probe = { path = \"../fork\" }\n";
    world.program("", &format!("openssl-probe = \"0.2\"\n{patch}"), MAIN);
    let run = world.run(&["build"]);
    assert!(run.refused(1).starts_with("openssl-probe 0.2.1 is left"), "{}", run.stderr);
}

#[test]
fn an_alias_may_choose_features() {
    let world = World::new("left_alias");
    let dependencies = "openssl-probe = \"0.2\"\nnewer = { version = \"1\", optional = true }\n";
    world.publish("newer", "1.0.0", "[dependencies]\nopenssl-probe = \"0.3\"\n", "");
    world.program("", dependencies, MAIN);
    let aliases = "[alias]\ndist = \"build --features newer\"\nb = [\"run\", \"--all-features\"]\n";
    world.write("app/.cargo/config.toml", aliases);
    world.tool("cargo-tool", "[ \"$2\" != dist ] || cargo dist\n");
    for words in [&["dist"][..], &["dist", "-h"], &["tool", "dist"]] {
        let run = world.run(words);
        let expected =
            "dist is an alias, whose options are not looked at: say build --features newer";
        assert!(run.refused(2).starts_with(expected), "{}", run.stderr);
    }
    let run = world.run(&["b"]);
    assert!(run.refused(2).starts_with("b is an alias"), "{}", run.stderr);
    for words in [&["r"][..], &["build"], &["tree"]] {
        assert!(world.run(words).status.success(), "{words:?}");
    }
}
