//! Workspaces, folders, several programs, and other tools that start cargo.

use crate::world::{MAIN, STORE, World};
use std::path::Path;
use std::process::Command;

#[test]
fn a_workspace_with_several_programs_from_anywhere() {
    let world = World::new("places");
    world.write("app/Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"2\"\n");
    let needs = |version| format!("[dependencies]\nopenssl-probe = \"{version}\"\n");
    world.package("app/one", "one", "1.0.0", &needs("0.1"), "src/main.rs", MAIN);
    world.package("app/two", "two", "1.0.0", &needs("0.2"), "src/main.rs", MAIN);
    world.write("app/two/src/bin/three.rs", MAIN);
    let lock = world.lock();

    assert!(world.run(&["build"]).status.success());
    // As a person starts it: cargo is the first in PATH, and not the one that is this command.
    assert!(world.run_with(&["build"], &[("CARGO", "")]).status.success());
    for name in ["one", "two", "three"] {
        assert_eq!(world.run(&["run", "--bin", name]).said()[0], STORE, "{name}");
    }
    let below = world.start_in("app/two/src", &["run", "--bin=three"], &[]).end();
    assert_eq!(below.said()[0], STORE);
    let manifest = ["run", "--manifest-path", "app/one/Cargo.toml"];
    assert_eq!(world.start_in(".", &manifest, &[]).end().said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    let has = |name: &str| world.root.join(name).join("cacerts/drop-in").is_dir();
    assert!(has("app/target") && !has("app/two/target"));

    let option = ["run", "-p", "one", "--target-dir=../by option"];
    assert_eq!(world.run(&option).said()[0], STORE);
    let variable = world.root.join("by variable");
    let variable = [("CARGO_TARGET_DIR", variable.to_str().unwrap())];
    assert_eq!(world.run_with(&["run", "-p", "one"], &variable).said()[0], STORE);
    assert!(has("by option") && has("by variable"));
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
}

#[test]
fn words_after_the_first_are_the_programs() {
    let world = World::new("words");
    for words in [&["run", "serve", "-h"][..], &["r", "-q", "serve", "--config", "none"]] {
        assert_eq!(world.run(words).said()[0], STORE, "{words:?}");
    }
    assert!(world.run(&["run", "-h"]).said()[0].contains("Run a binary"));
}

#[test]
fn other_configuration_gives_way() {
    let world = World::new("configuration");
    let other = "--config=build.jobs=1";
    assert_eq!(world.run(&["run", other, "x"]).said()[0], STORE);
    assert_eq!(world.run(&["run", "--config", "build.jobs=1", "--", "x"]).said()[0], STORE);
    world.tool("cargo-tool", &format!("cargo run {other}\ncargo {other} run x\n"));
    let run = world.run(&["tool"]);
    assert_eq!(run.said().iter().filter(|line| **line == STORE).count(), 2, "{}", run.stdout);
}

#[test]
fn tools_that_start_cargo_start_this_one_for_this_program_only() {
    let world = World::new("tools");
    let other = "[dependencies]\nopenssl-probe = \"0.2\"\n[workspace]\n";
    world.package("other", "other", "1.0.0", other, "src/main.rs", MAIN);
    world.tool(
        "cargo-tool",
        "cargo run -q\n\"$CARGO\" run -q\ncargo -q run\ncd ../other\ncargo run -q\necho \"$@\"\n",
    );
    let run = world.run(&["tool", "x", "--", "--locked"]);
    let said = run.said();
    assert_eq!(said.iter().filter(|line| **line == STORE).count(), 3, "{said:?}");
    assert_eq!(said[6], "/the/original");
    assert_eq!(said.last(), Some(&"tool x -- --locked"));
    assert!(world.read("app/Cargo.lock").is_none());
}

#[test]
fn tools_may_name_the_program_in_other_ways() {
    let world = World::new("ways");
    world.package("other", "other", "1.0.0", "[workspace]\n", "src/main.rs", "fn main() {}");
    std::os::unix::fs::symlink("app", world.root.join("link")).unwrap();
    world.tool(
        "cargo-tool",
        "cd ../other\ncargo run -q --manifest-path ../link/Cargo.toml\n\
         RUSTC_BOOTSTRAP=1 cargo -qZ unstable-options -C ../app run\n",
    );
    let run = world.run(&["tool"]);
    let said = run.said();
    assert_eq!(said.iter().filter(|line| **line == STORE).count(), 2, "{said:?}");
    world.tool("cargo-same", "cargo cacerts build --manifest-path ../link/Cargo.toml\n");
    world.install_command();
    assert!(world.run(&["same"]).refused(2).contains("runs inside of itself"));
}

#[test]
fn tools_that_start_tools() {
    let world = World::new("tools_twice");
    world.tool("cargo-one", "cargo -q two x\n");
    world.tool("cargo-two", "echo \"$@\"\n\"$CARGO\" run -q\n");
    let run = world.run(&["one"]);
    assert_eq!(run.said()[..2], ["two x", STORE]);
}

#[test]
fn a_tool_that_starts_no_cargo_is_told_of() {
    let world = World::new("tools_none");
    world.program("", "openssl-probe = \"0.2\"\n", MAIN);
    world.tool("cargo-other", "echo other\n");
    world.tool("cargo-build2", "cargo build -q\n");
    let warns = |tool| world.run(&[tool]).stderr.contains("has not started cargo");
    assert!(warns("other") && !warns("build2") && !warns("build"));
}

#[test]
fn what_a_tool_adds_is_looked_at() {
    let world = World::new("tools_left");
    let dependencies = "openssl-probe = \"0.2\"\n\
        newer = { version = \"1\", optional = true }\n";
    world.publish("newer", "1.0.0", "[dependencies]\nopenssl-probe = \"0.3\"\n", "");
    world.program("", dependencies, MAIN);
    world.tool("cargo-tool", "cargo build --features newer\n");
    let run = world.run(&["tool"]);
    assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
}

#[test]
fn a_tool_installs_nothing_of_this_program() {
    let world = World::new("tools_install");
    world.package("other", "other", "1.0.0", "[workspace]\n", "src/main.rs", "fn main() {}");
    world.tool("cargo-tool", "cargo install -q --root ../root --path \"$2\"\n");
    let run = world.run(&["tool", "."]);
    assert!(run.refused(2).contains("cargo cacerts install --path"), "{}", run.stderr);
    assert!(!world.root.join("root").exists());
    assert!(world.run(&["tool", "../other"]).status.success());
    assert!(world.root.join("root/bin/other").exists());
    world.tool("cargo-tool", "cargo install --list\n");
    let run = world.run(&["tool"]);
    assert!(
        run.status.success() && run.stderr.contains("warning: cargo install"),
        "{}",
        run.stderr
    );
}

#[test]
fn one_run_inside_of_another() {
    let world = World::new("inside");
    let other = "[dependencies]\nopenssl-probe = \"0.2\"\n[workspace]\n";
    world.package("other", "other", "1.0.0", other, "src/main.rs", MAIN);
    world.tool("cargo-same", "cargo cacerts build\n");
    world.tool("cargo-other", "cd ../other\ncargo cacerts run\n");
    world.install_command();
    assert!(world.run(&["same"]).refused(2).contains("runs inside of itself"));
    let run = world.run_with(&["other"], &[("CACERTS_DEFAULT_PATH", "/other.pem")]);
    assert_eq!(run.said()[0], "/other.pem");
}

#[test]
fn nothing_is_written_beside_the_target_directory() {
    let world = World::new("beside");
    assert!(world.run(&["build"]).status.success());
    let entries = std::fs::read_dir(world.root.join("app")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["Cargo.toml", "src", "target"]);
    assert!(Path::new(&world.root.join("app/target/CACHEDIR.TAG")).exists());
}

/// Newer cargo tells what it runs where it is itself, and nobody can change that.
#[test]
fn what_a_program_builds_by_cargos_own_path_is_found_out() {
    let world = World::new("xtask");
    let main = MAIN.replacen(
        '{',
        "{ if std::env::args().len() > 1 {
            let cargo = std::env::var_os(\"CARGO\").unwrap();
            let options = [\"build\", \"-q\", \"--target-dir\", \"../inner\"];
            assert!(std::process::Command::new(cargo).args(options).status().unwrap().success());
        }",
        1,
    );
    world.program("", "openssl-probe = \"0.2\"\n", &main);
    let lock = world.lock();
    assert_eq!(world.run(&["run", "x"]).said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
    for program in ["app/target/debug/app", "inner/debug/app"] {
        let program = world.root.join(program);
        let output = Command::new(&program).env_clear().output().unwrap();
        let is_right = output.stdout.starts_with(format!("{STORE}\n").as_bytes());
        assert!(is_right || program.starts_with(world.root.join("inner")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_cacerts"));
        command.args(["inspect", "--expect", STORE]).arg(&program);
        assert_eq!(command.output().unwrap().status.code(), Some(i32::from(!is_right)));
    }
}
