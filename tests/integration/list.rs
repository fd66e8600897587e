//! `list`: what is in a store or in a file, for people and for programs.

use crate::support::command::{Run, text};
use crate::support::{Pki, User};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// A CA's certificate in PEM.
fn ca(name: &str, change: impl FnOnce(&mut CertificateParams)) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn organisation(name: &str) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.distinguished_name.push(DnType::OrganizationName, name)
}

/// A user with a bundle of four, each of which has something of its own.
fn bundle() -> (User, PathBuf) {
    let user = User::new();
    let bundle = user.home().join("bundle.pem");
    let expired = ca("Old Root", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2011, 2, 3);
    });
    let no_ca = ca("Lone Server", |params| {
        params.is_ca = IsCa::ExplicitNoCa;
        params.subject_alt_names = vec![
            rcgen::SanType::DnsName("lone.example".try_into().unwrap()),
            rcgen::SanType::IpAddress([127, 0, 0, 1].into()),
        ];
    });
    let future = ca("New Root", |params| params.not_before = date_time_ymd(3000, 1, 1));
    let usual = ca("Főtanúsítvány", organisation("Example, Inc."));
    fs::write(&bundle, [usual, expired, future, no_ca].concat()).unwrap();
    (user, bundle)
}

fn parsed(run: &Run) -> Vec<Value> {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"))
}

fn names(run: &Run) -> Vec<String> {
    parsed(run).iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_has_a_line_and_its_marks() {
    let (user, bundle) = bundle();
    let run = user.cacerts(&["list", "--ca-certs", text(&bundle)]).run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:#?}");
    let lines: Vec<Vec<_>> = run
        .stdout
        .lines()
        .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect())
        .collect();
    let entries = parsed(&user.cacerts(&["list", "--json", "--ca-certs", text(&bundle)]).run());
    let sha256: Vec<_> = entries.iter().map(|entry| entry["sha256"].as_str().unwrap()).collect();
    let key = "ECDSA P-256";
    assert_eq!(
        lines,
        [
            &["Főtanúsítvány", "Example, Inc.", "4096-01-01", key, sha256[0]][..],
            &["Old Root", "-", "2011-02-03", key, sha256[1], "expired"],
            &["New Root", "-", "4096-01-01", key, sha256[2], "not yet valid"],
            &["Lone Server", "-", "4096-01-01", key, sha256[3], "no CA"],
        ]
    );
    let (first, lone) = (&entries[0], &entries[3]);
    assert_eq!(first["subject"], "O=Example\\, Inc.,CN=Főtanúsítvány");
    assert_eq!(first["issuer"], first["subject"]);
    assert_eq!(first["organisation"], "Example, Inc.");
    assert_eq!((&first["ca"], &first["marks"]), (&json!(true), &json!([])));
    assert_eq!((&lone["ca"], &lone["marks"]), (&json!(false), &json!(["no CA"])));
    assert_eq!(lone["names"], json!(["lone.example", "127.0.0.1"]));
    assert_eq!((&lone["key"], &lone["organisation"]), (&json!(key), &Value::Null));
    assert_eq!(entries[1]["not_before"], "2001-01-01T00:00:00Z");
    assert_eq!(entries[1]["not_after"], "2011-02-03T00:00:00Z");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_fits() {
    let (user, bundle) = bundle();
    let long = "A Certification Authority With A Long Name G2";
    let text = fs::read_to_string(&bundle).unwrap();
    fs::write(&bundle, ca(long, organisation("An Organisation With A Long Name")) + &text).unwrap();
    let list = || user.cacerts(&["list"]).arg(&bundle);
    let sha256 = list().run().stdout.split_whitespace().find(|w| w.len() == 64).unwrap().to_owned();
    // One that does not know its width is taken for one of 80.
    for (columns, width) in [(80, 80), (132, 132), (0, 80)] {
        let Some(shown) = list().on_terminal(columns) else { return };
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= width), "{shown}");
        assert!(lines[0].starts_with("NAME  ") && lines[0].ends_with("  SHA-256"), "{shown}");
        assert!(lines[1].ends_with(&format!("  ECDSA P-256  {}", &sha256[..8])), "{shown}");
        assert_eq!(lines[1].starts_with(long), width > 80, "{shown}");
        assert!(lines[1].contains("G2  ") && lines[3].ends_with("  expired"), "{shown}");
    }
    // There is no head without a table.
    assert_eq!(list().arg("--expires-within").arg("0").on_terminal(80).unwrap().lines().count(), 2);
    let none = user.cacerts(&["list", "nobody", "--ca-certs"]).arg(&bundle);
    assert_eq!(none.on_terminal(80).unwrap(), "");
}

/// In whichever encoding a name is, and where a certificate has no common name.
#[test]
fn names_are_read_as_they_are_meant() {
    use rcgen::DnValue;
    let user = User::new();
    let file = user.home().join("names.pem");
    let named = |values: Vec<(DnType, DnValue)>| {
        ca("", |params| {
            params.distinguished_name = rcgen::DistinguishedName::new();
            values
                .into_iter()
                .for_each(|(kind, value)| params.distinguished_name.push(kind, value));
        })
    };
    let (name, unit) = (DnType::CommonName, DnType::OrganizationalUnitName);
    let bmp = DnValue::BmpString("Bmp Ő中".try_into().unwrap());
    let printable = DnValue::PrintableString("Printable".try_into().unwrap());
    let teletex = DnValue::TeletexString("Teletex".try_into().unwrap());
    let own = DnType::CustomDnType(vec![1, 2, 3, 4]);
    let certificates = [
        named(vec![(name.clone(), bmp)]),
        named(vec![(name.clone(), printable)]),
        named(vec![(name.clone(), teletex)]),
        named(vec![(unit, "Unit".into()), (DnType::OrganizationName, "Organisation".into())]),
        named(vec![(DnType::OrganizationName, "Alone".into())]),
        named(vec![(own, " #odd,\\ ".into())]),
    ];
    fs::write(&file, certificates.concat()).unwrap();
    let entries = parsed(&user.cacerts(&["list", "--json"]).arg(&file).run());
    let said: Vec<_> = entries
        .iter()
        .map(|entry| (entry["name"].as_str(), entry["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            (Some("Bmp Ő中"), "CN=Bmp Ő中"),
            (Some("Printable"), "CN=Printable"),
            (Some("Teletex"), "CN=Teletex"),
            (Some("Unit"), "O=Organisation,OU=Unit"),
            (Some("Alone"), "O=Alone"),
            (None, "1.2.3.4=\\ #odd\\,\\\\\\ "),
        ]
    );
    let run = user.cacerts(&["list"]).arg(&file).run();
    assert!(run.stdout.lines().last().unwrap().starts_with("(no name)  "), "{run:#?}");
}

/// Those of every kind that OpenSSL makes.
#[test]
fn keys_are_named() {
    use crate::support::openssl::openssl;
    let user = User::new();
    let (key, file) = (user.home().join("key.pem"), user.home().join("ca.pem"));
    for (algorithm, expected) in [
        ("RSA -pkeyopt rsa_keygen_bits:2048", "RSA 2048"),
        ("RSA -pkeyopt rsa_keygen_bits:1031", "RSA 1031"),
        ("RSA-PSS -pkeyopt rsa_keygen_bits:1024", "RSA-PSS 1024"),
        ("EC -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384"),
        ("EC -pkeyopt ec_paramgen_curve:P-521", "ECDSA P-521"),
        ("EC -pkeyopt ec_paramgen_curve:secp256k1", "ECDSA secp256k1"),
        ("EC -pkeyopt ec_paramgen_curve:brainpoolP256r1", "ECDSA brainpoolP256r1"),
        ("ED25519", "Ed25519"),
        ("ED448", "Ed448"),
    ] {
        let words: Vec<_> = algorithm.split(' ').collect();
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"genpkey", &"-out", &key];
        arguments.push(&"-algorithm");
        words.iter().for_each(|word| arguments.push(word));
        openssl(&arguments);
        openssl(&[&"req", &"-x509", &"-new", &"-key", &key, &"-subj", &"/CN=Key", &"-out", &file]);
        let entries = parsed(&user.cacerts(&["list", "--json"]).arg(&file).run());
        assert_eq!(entries[0]["key"], expected);
    }
}

#[test]
fn what_is_looked_for_is_found() {
    let (user, bundle) = bundle();
    let list = |arguments: &[&str]| {
        let run = user.cacerts(&["list", "--json", "--ca-certs", text(&bundle)]);
        arguments.iter().fold(run, |run, argument| run.arg(argument)).run()
    };
    let all = list(&[]);
    let sha256 = parsed(&all)[1]["sha256"].as_str().unwrap().to_owned();
    let pairs = |separator: &str| {
        let pairs: Vec<_> = sha256.as_bytes().chunks(2).map(String::from_utf8_lossy).collect();
        pairs[..10].join(separator).to_uppercase()
    };
    for (arguments, expected) in [
        (&["old root"][..], &["Old Root"][..]),
        (&["ROOT"], &["Old Root", "New Root"]),
        (&["TANÚS"], &["Főtanúsítvány"]),
        (&["o=example"], &["Főtanúsítvány"]),
        (&[&sha256[..8]], &["Old Root"]),
        (&[&sha256], &["Old Root"]),
        (&[&pairs(":")], &["Old Root"]),
        (&["--expires-within", "30"], &["Old Root"]),
        (
            &["--expires-within", "4000000"],
            &["Főtanúsítvány", "Old Root", "New Root", "Lone Server"],
        ),
    ] {
        let run = list(arguments);
        assert_eq!(
            (run.code, names(&run)),
            (Some(0), expected.iter().map(|&n| n.into()).collect())
        );
    }
    // Too short for a fingerprint, its middle, and what is in no name.
    for (arguments, said) in [
        (&[&sha256[..7]][..], "in its name"),
        (&[&sha256[8..40]], "in its name"),
        (&["nobody\x1b"], "has 'nobody\\u{1b}' in its name"),
        (&["Lone", "--expires-within", "30"], "'Lone' in its name and expires within 30 days"),
    ] {
        let run = list(arguments);
        assert_eq!((run.code, parsed(&run).len()), (Some(1), 0), "{run:#?}");
        assert!(run.stderr.contains(said), "{run:#?}");
        assert!(
            run.stderr.contains(&format!("{} has 4 certificates, and none that", text(&bundle)))
        );
    }
}

#[test]
fn one_is_shown_in_full_and_as_pem() {
    let (user, bundle) = bundle();
    let list = |what: &str, form: &str| {
        user.cacerts(&["list", "--ca-certs", text(&bundle), what, form]).run()
    };
    let run = list("lone", "--full");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "Lone Server");
    for line in [
        "    no CA        it says CA:FALSE: it may vouch for itself, where it is named, and for nobody else",
        "    subject      CN=Lone Server",
        "    issuer       itself",
        "    key          ECDSA P-256",
        "    signed with  ecdsa-with-SHA256",
        "    CA           no",
        "    names        lone.example, 127.0.0.1",
    ] {
        assert!(lines.contains(&line), "{line}: {lines:#?}");
    }
    assert!(run.stdout.contains("    valid        from 1975-01-01 until 4096-01-01 ("), "{run:#?}");
    let run = list("old", "--full");
    assert!(run.stdout.contains(" days ago, on 2011-02-03\n"), "{run:#?}");
    // Two of them, with a line between them.
    assert!(list("root", "--full").stdout.contains("\n\nNew Root\n"));

    let pem = list("new root", "--pem");
    assert_eq!((pem.code, pem.stderr.as_str()), (Some(0), ""));
    let file = user.home().join("new.pem");
    fs::write(&file, &pem.stdout).unwrap();
    assert!(fs::read_to_string(&bundle).unwrap().replace('\r', "").contains(&pem.stdout));
    let again = user.cacerts(&["list", "--json", text(&file)]).run();
    assert_eq!(names(&again), ["New Root"]);

    let both = user.cacerts(&["list", "--pem", "--json"]).run();
    both.misconfigured(&["'--pem'", "'--json'"]);
}

#[test]
fn a_file_that_is_named_is_listed_alone() {
    let pki = Pki::new();
    let extra = format!("extra_ca_certs = {:?}\n", text(&pki.other));
    let user = User::with_config(&extra);
    fs::copy(&pki.root, user.home().join("root.pem")).unwrap();
    let here = || user.cacerts(&["list", "--json"]).within(&user.home());
    for path in ["./root.pem", text(&pki.root)] {
        let run = here().env("SSL_CERT_FILE", pki.missing()).arg(path).run();
        assert_eq!((run.code, names(&run)), (Some(0), vec!["Test Root".to_owned()]), "{run:#?}");
    }
    // With what is configured beside it.
    let run = here().option("--ca-certs", &pki.root).run();
    assert_eq!(names(&run), ["Test Root", "Other Root"]);
    // A name is a text that is looked for, and where nothing has it, there is a hint.
    let run = here().option("--ca-certs", &pki.root).arg("root.pem").run();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("write ./root.pem\n"), "{run:#?}");
    assert!(!here().option("--ca-certs", &pki.root).arg("x.pem").run().stderr.contains("write"));

    for option in ["--ca-certs", "--extra-ca-certs"] {
        let run = here().arg("./root.pem").option(option, &pki.other).run();
        run.misconfigured(&["./root.pem is a store by itself"]);
    }
    here()
        .arg(pki.missing())
        .run()
        .misconfigured(&[text(&pki.missing()), "does not exist; what has a /"]);
    here().arg(pki.garbage()).run().misconfigured(&["garbage.pem holds no usable certificate"]);
}

#[cfg(unix)]
#[test]
fn both_kinds_of_directories_are_listed() {
    use crate::support::directory::Directory;
    let user = User::new();
    let hashed = Directory::new();
    hashed.write("a.pem", &ca("Hashed A", |_| {}));
    hashed.write("b.pem", &ca("Hashed B", |_| {}));
    hashed.rehash();
    let plain = Directory::new();
    plain.write("a.pem", &ca("Plain A", |_| {}));
    plain.write("b.pem", &ca("Plain B", |_| {}));
    for (directory, name) in [(&hashed, "Hashed"), (&plain, "Plain")] {
        let run = user.cacerts(&["list", "--json"]).arg(&directory.path).run();
        let mut names = names(&run);
        names.sort();
        assert_eq!(names, [format!("{name} A"), format!("{name} B")], "{run:#?}");
    }
}

/// Anybody can write a certificate.
#[test]
fn nothing_is_printed_that_a_terminal_obeys() {
    let user = User::new();
    let name = "Evil\x1b[2J\u{9b}31m\r\n\u{202e}toor\u{200b}\u{7f}";
    let file = user.home().join("evil\u{202e}.pem");
    fs::write(&file, ca(name, organisation(&format!("{}\n", "x".repeat(30_000))))).unwrap();
    for form in [&[][..], &["--full"], &["--json"]] {
        let run = user.cacerts(&["list"]).arg(&file);
        let run = form.iter().fold(run, |run, argument| run.arg(argument)).run();
        assert_eq!(run.code, Some(0), "{run:#?}");
        let obeyed = |c: char| c != '\n' && c.is_control() || ['\u{202e}', '\u{200b}'].contains(&c);
        assert!(!run.stdout.contains(obeyed), "{form:?}: {run:#?}");
        if form == ["--json"] {
            assert_eq!(parsed(&run)[0]["name"], name);
        } else {
            assert!(run.stdout.contains("Evil\\u{1b}[2J\\u{9b}31m\\r\\n\\u{202e}toor"));
            assert!(run.stdout.lines().all(|line| line.len() < 6000), "{run:#?}");
        }
    }
    let run = user.cacerts(&["list", "nobody", "--ca-certs"]).arg(&file).run();
    assert!(run.stderr.contains("evil\\u{202e}.pem"), "{run:#?}");
}
