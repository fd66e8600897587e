//! `diff`: what one store has and the other has not.

use crate::support::command::{Run, text};
use crate::support::{Pki, User};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use std::fs;

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"))
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// A CA's certificate for a key, which ends in this year.
fn certificate(name: &str, key: &KeyPair, year: i32) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(year, 1, 1);
    params.self_signed(key).unwrap().pem()
}

#[test]
fn what_an_upgrade_has_changed_is_told() {
    let (pki, user) = (Pki::new(), User::new());
    let [key, other] = [(); 2].map(|()| KeyPair::generate().unwrap());
    let renewed = |year| certificate("Renewed Root", &key, year);
    // The same name is not enough.
    let (left, came) =
        (certificate("Same Name", &key, 3000), certificate("Same Name", &other, 3000));
    let root = fs::read_to_string(&pki.root).unwrap();
    let old = pki.file("old.pem", &[&*root, &renewed(3001), &left].concat());
    let other_root = fs::read_to_string(&pki.other).unwrap();
    let new = pki.file("new.pem", &[&*other_root, &came, &root, &renewed(3002)].concat());
    let diff = || user.cacerts(&["diff", text(&old), text(&new)]);

    let run = diff().run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:#?}");
    let cells = |line: &str| -> Vec<String> {
        line.split("  ")
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some(&*format!("--- {} (3 certificates)", old.display())));
    assert_eq!(lines.next(), Some(&*format!("+++ {} (4 certificates)", new.display())));
    let rows: Vec<_> = lines.map(cells).collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (&*row[0], &*row[2], row.get(5).map_or("", String::as_str)))
        .collect();
    assert_eq!(
        shown,
        [
            ("- Same Name", "3000-01-01", ""),
            ("+ Other Root", "4096-01-01", ""),
            ("+ Same Name", "3000-01-01", ""),
            ("- Renewed Root", "3001-01-01", "renewed"),
            ("+ Renewed Root", "3002-01-01", "renewed"),
        ]
    );

    let run = diff().arg("--json").run();
    assert_eq!(run.code, Some(1));
    let json = parsed(&run);
    assert_eq!((&json["first"], &json["second"]), (&json!(text(&old)), &json!(text(&new))));
    assert_eq!(names(&json["removed"]), ["Same Name"]);
    assert_eq!(names(&json["added"]), ["Other Root", "Same Name"]);
    assert_eq!(json["renewed"].as_array().unwrap().len(), 1);
    assert_eq!(json["renewed"][0]["old"]["not_after"], "3001-01-01T00:00:00Z");
    assert_eq!(json["renewed"][0]["new"]["not_after"], "3002-01-01T00:00:00Z");

    // The other way round it is what came.
    let json = parsed(&user.cacerts(&["diff", "--json", text(&new), text(&old)]).run());
    assert_eq!(names(&json["removed"]), ["Other Root", "Same Name"]);
}

/// However the one store keeps them, and in whatever order.
#[test]
fn stores_with_the_same_certificates_do_not_differ() {
    let (pki, user) = (Pki::new(), User::new());
    let one = pki.joined("one.pem", &[&pki.root, &pki.other]);
    let two = pki.joined("two.pem", &[&pki.other, &pki.root, &pki.other]);
    let directory = user.home().join("certs");
    fs::create_dir(&directory).unwrap();
    fs::copy(&two, directory.join("ca.pem")).unwrap();
    for other in [&two, &directory] {
        let run = user.cacerts(&["diff", text(&one), text(other)]).run();
        assert_eq!((run.code, &*run.stdout, &*run.stderr), (Some(0), "", ""), "{run:#?}");
        let run = user.cacerts(&["diff", "--json", text(&one), text(other)]).run();
        assert_eq!((run.code, parsed(&run)["renewed"].clone()), (Some(0), json!([])), "{run:#?}");
    }
}

#[test]
fn one_store_is_compared_with_the_one_in_effect() {
    let pki = Pki::new();
    let user = User::with_config(&format!("ca_certs = {:?}\n", text(&pki.other)));
    let diff = || user.cacerts(&["diff", "--json", text(&pki.root)]);
    let json = parsed(&diff().run());
    assert_eq!(
        (names(&json["removed"]), names(&json["added"])),
        (vec!["Test Root"], vec!["Other Root"])
    );
    assert_eq!(json["second"], text(&pki.other));
    assert_eq!(diff().option("--ca-certs", &pki.root).run().code, Some(0));
    let run = diff().option("--ca-certs", &pki.root).option("--extra-ca-certs", &pki.other).run();
    assert_eq!((run.code, names(&parsed(&run)["added"])), (Some(1), vec!["Other Root"]));
}

/// 1 says that they differ, and nothing else does.
#[test]
fn what_cannot_be_compared_is_no_difference() {
    let (pki, user) = (Pki::new(), User::new());
    let (root, missing, garbage) = (text(&pki.root), pki.missing(), pki.garbage());
    for (arguments, said) in [
        (&["diff", root, text(&missing)][..], "missing.pem does not exist"),
        (&["diff", text(&garbage), root], "garbage.pem holds no usable certificate"),
        (&["diff", root, "--ca-certs", text(&missing)], "--ca-certs names"),
        (&["diff", root, "-k"], "verification is off"),
        (&["diff", root, root, "--ca-certs", root], "is a store by itself"),
        (&["diff"], "<STORE>"),
    ] {
        user.cacerts(arguments).run().misconfigured(&[said]);
    }
}
