//! `install` of what is in the place of the registry, in a repository, and in a folder.

use crate::world::{MAIN, STORE, World, has};
use std::process::Command;

const NEEDS: &str = "[dependencies]\nopenssl-probe = \"0.2\"\n";

/// A package of a program, with a lock file that has the older of two versions.
fn hello(world: &World) {
    for version in ["1.0.0", "1.1.0"] {
        world.publish("helper", version, "", &format!("pub const VERSION: &str = {version:?};"));
    }
    let main = MAIN.replacen('{', "{ println!(\"{}\", helper::VERSION);", 1);
    let needs = format!("{NEEDS}helper = \"1\"\n");
    world.write("registry/hello-1.2.3/.cargo-checksum.json", "{\"files\":{}}");
    for folder in ["registry/hello-1.2.3", "app"] {
        world.package(folder, "hello", "1.2.3", &needs, "src/main.rs", &main);
    }
    let lock = world.lock();
    let start = lock.find("name = \"helper\"").unwrap();
    let lock = lock[..start].to_owned() + &lock[start..].replacen("1.1.0", "1.0.0", 1);
    world.write("registry/hello-1.2.3/Cargo.lock", &lock);
    world.write("app/Cargo.lock", &lock);
}

fn said(world: &World, root: &str) -> Vec<String> {
    let output = Command::new(world.root.join(root).join("bin/hello"))
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR")
        .output();
    let output = output.expect("it is installed");
    String::from_utf8(output.stdout).unwrap().lines().take(2).map(str::to_owned).collect()
}

#[test]
fn a_package_by_its_name() {
    let world = World::new("install");
    hello(&world);
    let cases = [
        (&["hello"][..], "1.1.0"),
        (&["hello@1.2.3"], "1.1.0"),
        (&["--version", "1.2", "hello"], "1.1.0"),
        (&["hello", "--locked"], "1.0.0"),
        (&["hello", "--frozen"], "1.0.0"),
    ];
    for (number, (arguments, helper)) in cases.iter().enumerate() {
        let root = format!("root{number}");
        let options = ["install", "--debug", "--root", &format!("../{root}")];
        let run = world.run(&[&options, *arguments].concat());
        assert!(run.status.success(), "{}", run.stderr);
        assert_eq!(said(&world, &root), [*helper, STORE], "{arguments:?}");
    }
    // What is there is replaced.
    let run = world.run(&["install", "--debug", "--root", "../root0", "hello"]);
    assert!(run.status.success(), "{}", run.stderr);
    world.run(&["install"]).refused(2);
    assert!(world.run(&["install", "none-such"]).status.code() == Some(101));
}

#[test]
fn a_folder_whose_lock_file_stays() {
    let world = World::new("install_path");
    hello(&world);
    let lock = world.read("app/Cargo.lock").unwrap();
    for (option, helper) in [("--locked", "1.0.0"), ("--force", "1.1.0")] {
        let options = ["install", "--debug", "--path", ".", "--root", "../root", option];
        let run = world.run(&options);
        assert!(run.status.success(), "{}", run.stderr);
        assert_eq!(said(&world, "root"), [helper, STORE], "{option}");
        assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock), "{option}");
    }
}

#[test]
fn a_repository_with_several_packages() {
    if !has("git") {
        eprintln!("there is no git to make a repository with");
        return;
    }
    let world = World::new("install_git");
    hello(&world);
    world.write("repository/Cargo.toml", "[workspace]\nmembers = [\"hello\", \"more\"]\n");
    let main = world.read("app/src/main.rs").unwrap();
    let needs = format!("{NEEDS}helper = \"1\"\n");
    world.package("repository/hello", "hello", "2.0.0", &needs, "src/main.rs", &main);
    world.package("repository/more", "more", "2.0.0", "", "src/lib.rs", "");
    world.git("repository");
    let url = format!("file://{}", world.root.join("repository").display());
    let options = ["install", "--debug", "--root", "../root", "--git", &url];
    let online = [("CARGO_NET_OFFLINE", "false")];
    world.run_with(&options, &online).refused(2);
    let run = world.run_with(&[&options[..], &["hello"]].concat(), &online);
    assert!(run.status.success(), "{}", run.stderr);
    assert_eq!(said(&world, "root"), ["1.1.0", STORE]);
}

#[test]
fn an_original_that_is_left_is_not_installed() {
    let world = World::new("install_left");
    let needs = "[dependencies]\nopenssl-probe = \"0.3\"\n";
    world.package("registry/hello-1.2.3", "hello", "1.2.3", needs, "src/main.rs", MAIN);
    world.write("registry/hello-1.2.3/.cargo-checksum.json", "{\"files\":{}}");
    let run = world.run(&["install", "--root", "../root", "hello"]);
    assert!(run.refused(1).starts_with("openssl-probe 0.3.0 is left"), "{}", run.stderr);
    assert!(!world.root.join("root/bin").exists());
}
