//! Cargo.lock is afterwards as it was, however the run ends.

use crate::world::{STORE, WAIT, World, signal, until};
use std::os::unix::process::ExitStatusExt;

/// With something that only its author can have written.
fn with_lock(world: &World) -> String {
    let lock = format!("# Mine.\n{}\n\n", world.lock());
    world.write("app/Cargo.lock", &lock);
    lock
}

#[test]
fn success_failure_and_no_file() {
    let world = World::new("lock_ends");
    assert_eq!(world.run(&["run"]).said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock"), None, "there was none");

    let lock = with_lock(&world);
    assert!(world.run(&["build"]).status.success());
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    assert!(world.run(&["clean"]).status.success());
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    world.write("app/src/main.rs", "fn main() { not_rust }");
    assert_eq!(world.run(&["build"]).status.code(), Some(101));
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
}

#[test]
fn signals_reach_the_child_and_end_as_it_ends() {
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        // Under nohup it stays so for all that is started.
        if is_ignored(number) {
            continue;
        }
        let world = World::new(&format!("lock_{name}"));
        let lock = with_lock(&world);
        world.tool("cargo-wait", WAIT);
        let running = world.start(&["wait"], &[]);
        until("the tool runs", || world.read("pid").is_some());
        signal(name, &running.id());
        let run = running.end();
        assert_eq!(run.status.signal(), Some(number), "{}", run.stderr);
        assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock), "{name}");
        let child = world.read("pid").unwrap();
        until("the child is gone", || !is_running(child.trim()));
    }
}

fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

fn is_running(id: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat"));
    status.is_ok_and(|status| !status.contains(") Z"))
}

/// A run that is killed while the tool runs; what Cargo.lock was meanwhile.
fn killed(world: &World) -> String {
    let _ = std::fs::remove_file(world.root.join("pid"));
    let running = world.start(&["wait"], &[]);
    until("the tool runs", || world.read("pid").is_some());
    signal("KILL", &running.id());
    running.end();
    signal("KILL", world.read("pid").unwrap().trim());
    world.read("seen").unwrap()
}

#[test]
fn after_a_kill_the_next_run_puts_it_back() {
    let world = World::new("lock_KILL");
    let lock = with_lock(&world);
    world.tool("cargo-wait", WAIT);
    let left = killed(&world);
    let in_place = left != lock;

    let run = world.run(&["run"]);
    assert_eq!(run.said()[0], STORE);
    assert_eq!(run.stderr.contains("is again as it was before a run that was killed"), in_place);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));

    // Nor is anything lost where it was being written.
    for part in [0, left.len() / 2] {
        killed(&world);
        if in_place {
            world.write("app/Cargo.lock", &left[..part]);
        }
        assert_eq!(world.run(&["run"]).said()[0], STORE);
        assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock), "{part} bytes");
        assert!(world.read("app/Cargo.lock.new").is_none());
    }

    // What somebody has put right is not touched.
    killed(&world);
    let newer = format!("# Newer.\n{lock}");
    world.write("app/Cargo.lock", &newer);
    assert_eq!(world.run(&["run"]).said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock"), Some(newer));

    // What another target directory would have to tell is told at least.
    world.write("app/Cargo.lock", &left);
    let run = world.run(&["run", "--target-dir", "../other"]);
    assert_eq!(run.said()[0], STORE);
    assert_eq!(run.stderr.contains("without a source"), in_place, "{}", run.stderr);
}

#[test]
fn a_second_run_waits_for_the_first() {
    let world = World::new("lock_two");
    let lock = with_lock(&world);
    world.tool("cargo-wait", WAIT);
    let first = world.start(&["wait"], &[]);
    until("the tool runs", || world.read("pid").is_some());
    // In another target directory, but with the same Cargo.lock.
    let second = world.start(&["run", "--target-dir", "../other"], &[]);
    until("the second says that it waits", || second.stderr().contains("waiting for another run"));
    signal("TERM", &first.id());
    first.end();
    assert_eq!(second.end().said()[0], STORE);
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
}

#[test]
fn locked_lets_the_drop_ins_change_it_and_nothing_else() {
    let world = World::new("locked");
    let none = world.run(&["build", "--locked"]);
    assert!(none.refused(2).starts_with("--locked: there is no "), "{}", none.stderr);

    world.publish("other", "1.0.0", "", "");
    world.publish("helper", "1.0.0", "[dependencies]\nother = \"1\"", "");
    world.program("", "helper = \"1\"\nopenssl-probe = \"0.2\"\n", crate::world::MAIN);
    let lock = with_lock(&world);
    for option in ["--locked", "--frozen"] {
        assert_eq!(world.run(&["run", option]).said()[0], STORE);
        assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    }
    // The program wants more than the file has.
    world.publish("third", "1.0.0", "", "");
    let more = "helper = \"1\"\nopenssl-probe = \"0.2\"\nthird = \"1\"\n";
    world.program("", more, crate::world::MAIN);
    let run = world.run(&["build", "--locked"]);
    assert!(run.refused(2).contains("app 1.0.0 would change"), "{}", run.stderr);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    assert_eq!(world.run(&["run"]).said()[0], STORE);

    // A new member, which has the name of what the drop-ins bring.
    let member = "[workspace]\nmembers = [\"cacerts\"]\n";
    world.package("app/cacerts", "cacerts", "9.0.0", "", "src/lib.rs", "");
    world.program(member, "helper = \"1\"\nopenssl-probe = \"0.2\"\n", crate::world::MAIN);
    let run = world.run(&["build", "--locked"]);
    assert!(run.refused(2).contains("cacerts 9.0.0 would change"), "{}", run.stderr);
    assert_eq!(world.run(&["run", "-p", "app"]).said()[0], STORE);
}
