//! Where Cargo.lock is, of which version, and who may write to it.

use crate::world::{STORE, World, has, has_lockfile_path};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_lock_file_of_either_version() {
    let world = World::new("files_version");
    let lock = world.lock();
    let at = lock.find("\nversion = ").expect("a version") + "\nversion = ".len();
    for version in ["3", "4"] {
        let lock = format!("{}{version}{}", &lock[..at], &lock[at + 1..]);
        world.write("app/Cargo.lock", &lock);
        for option in ["--locked", "--offline"] {
            assert_eq!(world.run(&["run", option]).said()[0], STORE, "{version} {option}");
            assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock), "{option}");
        }
    }
}

#[test]
fn a_folder_that_may_not_be_written_to() {
    if rustix::process::geteuid().is_root() && !has("setpriv") {
        eprintln!("there is no setpriv to take root's rights away");
        return;
    }
    let world = World::new("files_read_only");
    let target = world.root.join("target");
    let target = [("CARGO_TARGET_DIR", target.to_str().unwrap())];
    let mode = |name: &str, mode| {
        fs::set_permissions(world.root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let run = |words: &[&str], variables| world.start_confined(words, variables).end();
    let refused = |lock: Option<&str>| {
        mode("app", 0o555);
        let other = run(&["build"], &[]);
        let said = "cannot be made: Permission denied (os error 13); set CARGO_TARGET_DIR to";
        assert!(other.refused(2).contains(said), "{}", other.stderr);
        let run = run(&["run"], &target);
        if has_lockfile_path() {
            assert_eq!(run.said()[0], STORE);
        } else {
            let said = "app/Cargo.lock cannot be written, and cargo before 1.97 has no other place";
            assert!(run.refused(2).contains(said), "{}", run.stderr);
        }
        assert_eq!(world.read("app/Cargo.lock").as_deref(), lock);
        mode("app", 0o755);
    };
    refused(None);
    let lock = world.lock();
    mode("app/Cargo.lock", 0o444);
    refused(Some(&lock));
    mode("app", 0o555);
    let install = run(&["install", "--path", ".", "--root", "../root"], &target);
    assert!(install.refused(2).contains("install from a copy of"), "{}", install.stderr);
    // Only the file may be written to, which is all that cargo needs.
    mode("app/Cargo.lock", 0o644);
    assert_eq!(run(&["run"], &target).said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
    mode("app", 0o755);
}

#[test]
fn a_lock_file_that_the_program_has_elsewhere() {
    if !has_lockfile_path() {
        eprintln!("this cargo has no resolver.lockfile-path");
        return;
    }
    let world = World::new("files_elsewhere");
    let lock = world.lock();
    world.publish("openssl-probe", "0.2.9", "", "");
    let path = world.root.join("app/.cargo/mine/Cargo.lock");
    world.write(path.to_str().unwrap(), &lock);
    fs::remove_file(world.root.join("app/Cargo.lock")).unwrap();
    let setting = "resolver.lockfile-path = \".cargo/mine/Cargo.lock\"\n";
    let option = format!("--config={}", setting.trim());
    let file = world.write("app/.cargo/config.toml", setting);
    for words in [&["check"][..], &["check", "--locked", &option], &["check", "--locked"]] {
        let run = world.run(words);
        assert!(run.stderr.contains("drop-ins for openssl-probe 0.2.1:"), "{}", run.stderr);
        assert_eq!(fs::read_to_string(&path).ok().as_ref(), Some(&lock));
        assert_eq!(world.read("app/Cargo.lock"), None);
    }
    fs::remove_file(file).unwrap();
    let variable = [("CARGO_RESOLVER_LOCKFILE_PATH", ".cargo/mine/Cargo.lock")];
    assert_eq!(world.run_with(&["run", "--locked"], &variable).said()[0], STORE);
    assert!(world.run(&["run", "--locked"]).refused(2).contains("there is no "));
}
