//! Cargo.lock when somebody else changes it during a run, for which no cargo is needed that cannot
//! have it elsewhere: there it is not ours at any time.

use crate::world::{MAIN, Run, STORE, WAIT, World, cargo, has_lockfile_path, signal, until};

const SAVED: &str = "app/target/cacerts/Cargo.lock.before";

/// A run during which somebody does this, with what cargo works with in Cargo.lock.
fn during(world: &World, kill: bool, change: impl FnOnce(&str)) -> Run {
    world.tool("cargo-wait", WAIT);
    let _ = std::fs::remove_file(world.root.join("pid"));
    let running = world.start(&["wait"], &[]);
    until("the tool runs", || world.read("pid").is_some());
    let tool = world.read("pid").unwrap();
    let seen = world.read("seen").unwrap();
    if kill {
        signal("KILL", &running.id());
        let run = running.end();
        signal("KILL", tool.trim());
        change(&seen);
        return run;
    }
    change(&seen);
    signal("TERM", tool.trim());
    running.end()
}

/// Whether the drop-ins are in Cargo.lock itself.
fn is_in_place(world: &World, lock: &str) -> bool {
    world.read("seen").unwrap() != lock
}

#[test]
fn what_somebody_changes_meanwhile_stays() {
    let world = World::new("changed");
    let lock = world.lock();
    for kill in [false, true] {
        let newer = format!("# Newer.\n{lock}");
        let mut run = during(&world, kill, |_| drop(world.write("app/Cargo.lock", &newer)));
        if kill {
            run = world.run(&["run"]);
        }
        assert_eq!(world.read("app/Cargo.lock"), Some(newer));
        let said =
            run.stderr.contains("Cargo.lock has been changed meanwhile and stays so; as it was");
        assert_eq!(said, is_in_place(&world, &lock), "{}", run.stderr);
        if said {
            assert_eq!(world.read(SAVED).as_ref(), Some(&lock));
        }
        world.write("app/Cargo.lock", &lock);
    }
    let remove = |_: &str| std::fs::remove_file(world.root.join("app/Cargo.lock")).unwrap();
    during(&world, false, remove);
    assert_eq!(world.read("app/Cargo.lock"), None);
    // What is put right by hand needs no word.
    world.write("app/Cargo.lock", &lock);
    let run = during(&world, false, |_| drop(world.write("app/Cargo.lock", &lock)));
    assert!(!run.stderr.contains("meanwhile"), "{}", run.stderr);
}

#[test]
fn what_is_changed_with_the_drop_ins_in_it_is_told() {
    let world = World::new("changed_mixed");
    let lock = world.lock();
    for kill in [false, true] {
        let mine = |seen: &str| drop(world.write("app/Cargo.lock", &format!("# Mine.\n{seen}")));
        let mut run = during(&world, kill, mine);
        if kill {
            run = world.run(&["run"]);
            assert_eq!(run.said()[0], STORE);
        }
        let seen = world.read("seen").unwrap();
        assert_eq!(world.read("app/Cargo.lock"), Some(format!("# Mine.\n{seen}")));
        let said = run.stderr.contains("app/target/cacerts/Cargo.lock.before in its place");
        assert_eq!(said, is_in_place(&world, &lock), "{}", run.stderr);
        if said {
            assert_eq!(world.read(SAVED).as_ref(), Some(&lock));
        }
        world.write("app/Cargo.lock", &lock);
    }
}

#[test]
fn what_another_cargo_makes_of_it_is_put_back() {
    let world = World::new("changed_cargo");
    let lock = world.lock();
    // For it, the drop-ins are not there, and the newest originals take their place.
    world.publish("openssl-probe", "0.2.9", "", "");
    world.publish("helper", "1.0.0", "", "");
    world.tool("cargo-tool", "\"$CARGO_CACERTS_CARGO\" metadata --format-version=1 > ../answer\n");
    let run = world.run(&["tool"]);
    assert!(run.status.success(), "{}", run.stderr);
    assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    let is_newer = world.read("answer").unwrap().contains("0.2.9");
    assert_eq!(run.stderr.contains("another cargo has written it meanwhile"), is_newer);

    // Unless somebody wants more of it.
    world.tool(
        "cargo-tool",
        "echo 'helper = \"1\"' >> Cargo.toml\n\"$CARGO_CACERTS_CARGO\" -q fetch\n",
    );
    let run = world.run(&["tool"]);
    assert!(run.status.success(), "{}", run.stderr);
    assert!(world.read("app/Cargo.lock").unwrap().contains("helper"));
    world.program("", "openssl-probe = \"0.2\"\n", MAIN);
}

#[test]
fn what_is_changed_before_cargo_builds_is_not_built() {
    let world = World::new("changed_between");
    let lock = world.lock();
    world.publish("openssl-probe", "0.2.9", "", "");
    world.write("newer.lock", &lock.replace("0.2.1", "0.2.9"));
    let script = format!(
        "case \"$*\" in *build*--config*) cp ../newer.lock Cargo.lock;; esac\nexec {} \"$@\"\n",
        cargo().display()
    );
    world.tool("other-cargo", &script);
    let other = world.root.join("bin/other-cargo");
    let other = [("CARGO", other.to_str().unwrap())];
    world.tool("cargo-tool", "cargo -q build\n");
    for word in ["build", "tool"] {
        let run = world.run_with(&[word], &other);
        if has_lockfile_path() {
            assert!(run.status.success(), "{}", run.stderr);
            continue;
        }
        assert_eq!(run.status.code(), Some(101), "{}", run.stderr);
        assert!(run.stderr.contains("--locked"), "{}", run.stderr);
        assert!(run.stderr.contains("another cargo has written it meanwhile"), "{}", run.stderr);
        assert_eq!(world.read("app/Cargo.lock").as_ref(), Some(&lock));
    }
}
