//! What cargo resolves with the drop-ins: what they bring, what they make needless, and what does
//! not go together.

use crate::world::{MAIN, STORE, World};
use serde_json::Value;

fn packages(run: &crate::world::Run) -> Vec<(String, String)> {
    assert!(run.status.success(), "{}", run.stderr);
    let answer: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = answer["packages"].as_array().unwrap().iter();
    packages.map(|p| (text(&p["name"]), text(&p["manifest_path"]))).collect()
}

#[test]
fn one_drop_in_makes_another_needless_without_a_word() {
    let world = World::new("needless");
    world.publish_dependencies_of_cacerts();
    world.program("", "rustls-native-certs = \"0.8\"\n", "fn main() {}");
    let lock = world.lock();
    assert!(lock.contains("\"openssl-probe\""));
    for options in [&[][..], &["--locked"]] {
        let run = world.run(&[&["metadata", "--format-version=1"], options].concat());
        assert!(!run.stderr.contains("was not used"), "{}", run.stderr);
        let packages = packages(&run);
        let of = |name: &str| packages.iter().filter(|(n, _)| n == name).collect::<Vec<_>>();
        let [(_, native)] = of("rustls-native-certs")[..] else { panic!("{packages:?}") };
        let [(_, library)] = of("cacerts")[..] else { panic!("{packages:?}") };
        assert!(native.contains("/cacerts/drop-in/") && library.contains("/cacerts/library/"));
        assert!(of("openssl-probe").is_empty());
    }
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
}

/// Should the variable not get through to the build script, the build stops.
#[test]
fn the_library_is_built_only_with_a_path() {
    let world = World::new("required");
    world.publish_dependencies_of_cacerts();
    world.program("", "webpki-roots = \"1\"\n", "fn main() {}");
    let run = world.run(&["metadata", "--format-version=1"]);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let nodes = answer["resolve"]["nodes"].as_array().unwrap();
    let library = nodes.iter().find(|node| node["id"].as_str().unwrap().contains("/library"));
    assert_eq!(library.unwrap()["features"], serde_json::json!(["require-path"]));
}

#[test]
fn where_nothing_new_can_be_had_is_one_line() {
    let world = World::new("nothing_new");
    world.publish("rustls-native-certs", "0.8.5", "", "");
    world.program("", "rustls-native-certs = \"0.8\"\n", "fn main() {}");
    let lock = world.lock();
    let run = world.run(&["build", "--offline"]);
    let line = run.refused(2);
    assert!(
        line.starts_with("with the drop-ins for rustls-native-certs 0.8.5 cargo does not find")
    );
    assert!(line.contains("no matching package named"), "{line}");
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
    // What needs nothing new can be built.
    world.program("", "openssl-probe = \"0.2\"\n", MAIN);
    assert_eq!(world.run(&["run", "--offline"]).said()[0], STORE);
}

#[test]
fn what_is_vendored_with_the_drop_ins_is_enough_for_them() {
    let world = World::new("vendor");
    world.publish_dependencies_of_cacerts();
    world.program("", "rustls-native-certs = \"0.8\"\n", "fn main() {}");
    let none = world.run(&["vendor"]);
    assert!(
        none.refused(2).ends_with("write it with `cargo generate-lockfile`"),
        "{}",
        none.stderr
    );
    let lock = world.lock();
    let entries = || std::fs::read_dir(world.root.join("registry")).unwrap().count();
    let before = entries();
    let run = world.run(&["vendor", "--respect-source-config"]);
    if entries() < before {
        eprintln!("this cargo removes what it is to vendor from a folder, as 1.85 does");
        return;
    }
    assert!(run.status.success(), "{}", run.stderr);
    let has = |name: &str| world.root.join("app/vendor").join(name).is_dir();
    assert!(has("rustls") && !has("rustls-native-certs"));
    let config = "[source.crates-io]\nreplace-with = \"vendored\"\n\
        [source.vendored]\ndirectory = \"vendor\"\n";
    world.write("app/.cargo/config.toml", config);
    packages(&world.run(&["metadata", "--format-version=1", "--locked", "--offline"]));
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
}

#[test]
fn a_version_without_a_drop_in_is_one_line() {
    let world = World::new("no_drop_in");
    world.publish_dependencies_of_cacerts();
    let needs = "[dependencies]\nrustls-platform-verifier = \"0.5\"\n";
    world.publish("http", "2.0.0", needs, "");
    world.program("", "http = \"2\"\nopenssl-probe = \"0.2\"\n", MAIN);
    let run = world.run(&["build"]);
    assert!(
        run.refused(1).starts_with(
            "rustls-platform-verifier 0.5.3 is left in the program, where http 2.0.0 wants it, and \
             has no drop-in; there is one for 0.6, 0.7: bring http 2.0.0 to"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn a_program_with_cacerts_has_it_once() {
    let world = World::new("itself");
    world.publish_dependencies_of_cacerts();
    let own = env!("CARGO_MANIFEST_DIR");
    let dependencies = |features: &str| {
        format!(
            "cacerts = {{ path = {own:?}, default-features = false, features = [{features}] }}\n\
             rustls-native-certs = \"0.8\"\nwebpki-roots = \"1\"\n"
        )
    };
    world.program("", &dependencies(""), "fn main() {}");
    let found = packages(&world.run(&["metadata", "--format-version=1"]));
    let own: Vec<_> = found.iter().filter(|(name, _)| name == "cacerts").collect();
    let [(_, manifest)] = own[..] else { panic!("{found:?}") };
    assert_eq!(
        std::path::Path::new(manifest).parent().unwrap(),
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
    );
    assert_eq!(world.read("app/Cargo.lock"), None);

    // The lock file is of before.
    world.program("", "rustls-native-certs = \"0.8\"\nwebpki-roots = \"1\"\n", "fn main() {}");
    let lock = world.lock();
    world.program("", &dependencies(""), "fn main() {}");
    let found = packages(&world.run(&["metadata", "--format-version=1"]));
    assert_eq!(found.iter().filter(|(name, _)| name == "cacerts").count(), 1);
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
    // From where the registry's are.
    let links = "links = \"cacerts\"\nbuild = \"src/lib.rs\"\n";
    world.publish("cacerts", "0.1.7", links, "fn main() {}");
    world.program("", "cacerts = \"0.1\"\nrustls-native-certs = \"0.8\"\n", "fn main() {}");
    let found = packages(&world.run(&["metadata", "--format-version=1"]));
    let own: Vec<_> = found.iter().filter(|(name, _)| name == "cacerts").collect();
    let [(_, manifest)] = own[..] else { panic!("{found:?}") };
    assert!(manifest.contains("registry/cacerts-0.1.7"), "{manifest}");

    // Here ureq needs an original, and cacerts needs ureq.
    world.program("", &dependencies("\"client\""), "fn main() {}");
    let run = world.run(&["build"]);
    assert!(run.refused(2).contains("a circle"), "{}", run.stderr);
}

#[test]
fn changed_files_of_an_original_in_a_vendored_folder_do_not_matter_but_others_do() {
    let world = World::new("dirty");
    world.publish("other", "1.0.0", "", "pub fn other() {}");
    world.program("", "other = \"1\"\nopenssl-probe = \"0.2\"\n", MAIN);
    let lock = world.lock();
    let sum = "{\"files\":{\"src/lib.rs\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}";
    world.write("registry/openssl-probe-0.2.1/.cargo-checksum.json", sum);
    assert_eq!(world.run(&["run", "--locked"]).said()[0], STORE);
    world.write("registry/other-1.0.0/.cargo-checksum.json", sum);
    world.write("registry/other-1.0.0/src/lib.rs", "pub fn changed() {}");
    // Built already, it is not looked at again.
    let run = world.run(&["build", "--locked", "--target-dir", "../new"]);
    assert_eq!(run.status.code(), Some(101));
    assert!(run.stderr.contains("the listed checksum of"), "{}", run.stderr);
    assert_eq!(world.read("app/Cargo.lock"), Some(lock));
}
