//! Tables for the lock file. It may use `lock`.

use super::*;

/// `name version [!]: needs, needs`, where ! is for what has a path.
fn lock(rows: &str) -> Lock {
    let mut text = "version = 4\n".to_owned();
    for row in rows.trim().lines() {
        let (package, needs) = row.trim().split_once(':').unwrap();
        let mut words = package.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        let source = match words.next() {
            Some(_) => String::new(),
            None => format!("source = \"{CRATES_IO}\"\n"),
        };
        let needs: Vec<_> = needs.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
        text += &format!(
            "[[package]]\nname = {name:?}\nversion = {version:?}\n{source}dependencies = {needs:?}\n"
        );
    }
    Lock::parse(&text).unwrap()
}

fn names(packages: &BTreeSet<Package>) -> Vec<String> {
    packages.iter().map(Package::to_string).collect()
}

const BEFORE: &str = "
    app 1.0.0 !: reqwest, probe 0.2.1, log
    reqwest 0.13.0: native, probe 0.1.6
    native 0.8.5: probe 0.2.1, pem, log
    probe 0.1.6:
    probe 0.2.1:
    pem 2.0.0: base64
    base64 0.22.0:
    log 0.4.0:";

fn is_original(package: &Package) -> bool {
    ["native", "probe"].contains(&package.name.as_str())
}

#[test]
fn originals_are_found_in_each_version_but_not_below_another() {
    let cases = [
        (BEFORE, vec!["native 0.8.5", "probe 0.1.6", "probe 0.2.1"]),
        ("app 1.0.0 !: native\nnative 0.8.5: probe\nprobe 0.2.1:", vec!["native 0.8.5"]),
        ("app 1.0.0 !: probe\nprobe 0.2.1 !:", vec![]),
        // Members that test each other.
        ("a 1.0.0 !: b, probe\nb 1.0.0 !: a\nprobe 0.2.1:", vec!["probe 0.2.1"]),
        ("app 1.0.0 !: log\nlog 0.4.0:", vec![]),
    ];
    for (rows, expected) in cases {
        assert_eq!(names(&lock(rows).reached(is_original)), expected, "{rows}");
    }
}

#[test]
fn only_drop_ins_and_what_they_add_may_differ() {
    let drop_ins = "
        native 0.8.5 !: cacerts
        probe 0.1.6 !:
        probe 0.2.1 !:
        cacerts 0.1.0 !: log, base64 0.23.0
        base64 0.23.0:";
    let program = "
        app 1.0.0 !: reqwest, probe 0.2.1, log
        reqwest 0.13.0: native, probe 0.1.6
        log 0.4.0:";
    let cases = [
        (format!("{program}{drop_ins}"), None),
        // Another version of what the program needs.
        (format!("{program}{drop_ins}").replace("log 0.4.0", "log 0.4.1"), Some("app 1.0.0")),
        // Another package for it.
        (
            format!("{program}{drop_ins}").replace("0.1.6\n        log", "0.1.6, cacerts\nlog"),
            Some("reqwest 0.13.0"),
        ),
        (
            format!("{program}{drop_ins}").replace("reqwest 0.13.0", "reqwest 0.13.1"),
            Some("app 1.0.0"),
        ),
        // A new member, which nothing of before needs.
        (format!("{program}{drop_ins}\nmember 1.0.0 !: log"), Some("member 1.0.0")),
        // One of the library's name, too.
        (format!("{program}{drop_ins}\ncacerts 0.2.0 !: log"), Some("cacerts 0.2.0")),
        (
            format!("{program}{drop_ins}").replace("native 0.8.5 !: cacerts", "native 0.8.5 !:"),
            Some("cacerts 0.1.0"),
        ),
    ];
    let library = Package { name: "cacerts".into(), version: "0.1.0".into(), source: None };
    let library = Some(&library);
    let before = lock(BEFORE);
    let replaced = before.reached(is_original);
    // The drop-ins turn on a feature of what the program has, too; of what it has alone, nobody may.
    let feature = |of: &str| {
        let after =
            format!("{program}{drop_ins}").replace(&format!("{of}:"), &format!("{of}: serde"));
        format!("{after}\n        serde 1.0.0:")
    };
    let before_alone =
        BEFORE.replace("app 1.0.0 !: ", "app 1.0.0 !: alone, ") + "\n    alone 1.0.0:";
    let with_alone = |after: String| {
        after
            .replace("app 1.0.0 !: ", "app 1.0.0 !: alone, ")
            .replace("serde 1.0.0:", "serde 1.0.0:\nalone 1.0.0: serde")
    };
    assert_eq!(before.changed(&lock(&feature("log 0.4.0")), &replaced, library), None);
    let alone = lock(&before_alone);
    let after = lock(&with_alone(feature("log 0.4.0")));
    let changed = alone.changed(&after, &replaced, library);
    assert_eq!(changed.map(Package::to_string).as_deref(), Some("alone 1.0.0"));
    // The program's own, which the drop-ins are over: only what is in the lock file already.
    let after = lock(&format!("{program}{drop_ins}"));
    let changed = before.changed(&after, &replaced, None).map(Package::to_string);
    assert_eq!(changed.as_deref(), Some("cacerts 0.1.0"));
    for (after, expected) in cases {
        let after = lock(&after);
        let changed = before.changed(&after, &replaced, library).map(Package::to_string);
        assert_eq!(changed.as_deref(), expected);
    }
}

#[test]
fn sources_and_versions_tell_packages_apart() {
    let text = r#"
        [[package]]
        name = "app"
        version = "1.0.0"
        dependencies = ["a 1.0.0 (git+https://host.example/a?branch=main#0123)", "b"]
        [[package]]
        name = "a"
        version = "1.0.0"
        source = "git+https://host.example/a?branch=main#0123"
        [[package]]
        name = "a"
        version = "1.0.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        [[package]]
        name = "b"
        version = "1.0.0"
        dependencies = ["a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]
    "#;
    let lock = Lock::parse(text).unwrap();
    let needs = |name| {
        let (_, needs) = lock.0.iter().find(|(package, _)| package.name == name).unwrap();
        needs.iter().map(|p| (p.name.as_str(), p.is_from_crates_io())).collect::<Vec<_>>()
    };
    assert_eq!(needs("app"), [("a", false), ("b", false)]);
    assert_eq!(needs("b"), [("a", true)]);
    assert!(Lock::parse("[[package]]\nname = 1").is_err());
}
