//! `explain`: what is trusted and why, at a glance.

use crate::support::command::{Run, text};
use crate::support::{Pki, User};
use serde_json::{Value, json};

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"))
}

/// The candidates of these settings, each with its file and what became of it.
fn candidates<'a>(json: &'a Value, origin: &str) -> Vec<(&'a Value, &'a str)> {
    let candidates = json["candidates"].as_array().unwrap().iter();
    let candidates = candidates.filter(|candidate| candidate["origin"] == origin);
    candidates.map(|c| (&c["config"], c["outcome"].as_str().unwrap())).collect()
}

#[test]
fn configuration_is_told_where_there_is_none() {
    const ABSENT: &str = "not set, there is no such file";
    let (pki, user) = (Pki::new(), User::new());
    let explain = |user: &User| user.cacerts(&["explain", "--ca-certs", text(&pki.root)]);
    let config = user.config_file();
    let line = format!("  config       ca_certs in {}: {ABSENT}\n", config.display());
    assert!(explain(&user).run().stdout.contains(&line));
    let json = parsed(&explain(&user).arg("--json").run());
    let configs = candidates(&json, "config");
    assert_eq!(configs[0], (&json!(text(&config)), ABSENT));
    assert_eq!(configs[1].0, cacerts::defaults::CACERTS_SYSTEM_CONFIG);
    assert_eq!(configs.len(), 2);
    // They stand between the variables and what is built in.
    let origins = json["candidates"].as_array().unwrap().iter().map(|c| c["origin"].as_str());
    let mut origins: Vec<_> = origins.map(Option::unwrap).collect();
    origins.dedup();
    assert_eq!(origins[..4], ["argument", "environment", "config", "built-in"]);

    // One that says nothing of the store is there.
    let user = User::with_config("verify = true\n");
    let json = parsed(&explain(&user).arg("--json").run());
    assert_eq!(candidates(&json, "config")[0], (&json!(text(&user.config_file())), "not set"));
    let user = User::with_config(&format!("ca_certs = {:?}\n", text(&pki.other)));
    let json = parsed(&explain(&user).arg("--json").run());
    assert_eq!(candidates(&json, "config")[0], (&json!(text(&user.config_file())), "outranked"));

    // In the place of both.
    let own = pki.file("own.toml", &format!("ca_certs = {:?}\n", text(&pki.other)));
    let run = user.cacerts(&["explain", "--config", text(&own)]).run();
    let named = format!("named by ca_certs in {} (config)\n", own.display());
    assert!(run.stdout.contains(&named), "{run:#?}");
    let json = parsed(&user.cacerts(&["explain", "--json", "--config", text(&own)]).run());
    assert_eq!(candidates(&json, "config"), [(&json!(text(&own)), "chosen")]);
}

#[test]
fn a_search_list_out_of_the_question_is_one_candidate() {
    let (pki, user) = (Pki::new(), User::new());
    let json = parsed(&user.cacerts(&["explain", "--json", "--ca-certs", text(&pki.root)]).run());
    let found = candidates(&json, "search");
    let paths = cacerts::defaults::CACERTS_SEARCH_PATHS;
    assert_eq!(found.len(), usize::from(!paths.is_empty()), "{json:#}");
    if let Some(candidate) =
        json["candidates"].as_array().unwrap().last().filter(|_| !found.is_empty())
    {
        assert_eq!(candidate["paths"], json!(paths));
        assert_eq!(candidate["chosen"], false);
    }
}

#[test]
fn what_is_not_usual_is_counted() {
    use rcgen::{CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
    let (pki, user) = (Pki::new(), User::new());
    let certificate = |name: &str, is_ca, year| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        (params.is_ca, params.not_after) = (is_ca, date_time_ymd(year, 1, 1));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    };
    let bundle = [
        certificate("A", IsCa::NoCa, 2001),
        certificate("B", IsCa::ExplicitNoCa, 2001),
        certificate("C", IsCa::NoCa, 3001),
    ];
    let bundle = pki.file("bundle.pem", &bundle.concat());
    let explain = || user.cacerts(&["explain", "--ca-certs", text(&bundle)]);
    let run = explain().run();
    let said = format!(
        "    a file with 3 certificates, 0 skipped\n    of these, 2 expired, 1 no CA: see `cacerts list {}`\n",
        bundle.display()
    );
    assert!(run.stdout.contains(&said), "{run:#?}");
    let run = user.cacerts(&["explain"]).env("OS_CACERT", &bundle).run();
    assert!(run.stdout.contains("2 expired, 1 no CA: see `cacerts list`\n"), "{run:#?}");
    let json = parsed(&explain().arg("--json").run());
    let marks = json!([{ "mark": "expired", "count": 2 }, { "mark": "no CA", "count": 1 }]);
    assert_eq!(json["source"]["marks"], marks);
}

/// Where nothing is trusted, nothing is called so.
#[test]
fn a_store_that_cannot_be_used_is_not_called_trusted() {
    let (pki, user) = (Pki::new(), User::new());
    let (missing, garbage) = (pki.missing(), pki.garbage());
    for store in [&missing, &garbage] {
        let run = user.cacerts(&["explain", "--ca-certs", text(store)]).run();
        assert_eq!(run.code, Some(2), "{run:#?}");
        let begin = format!("cannot be used, so nothing is trusted: {}\n", store.display());
        assert!(run.stdout.starts_with(&begin), "{run:#?}");
        assert!(!run.stdout.contains("\ntrusted"), "{run:#?}");
    }
    // Nor what would have been, without the other one.
    let run = user
        .cacerts(&["explain", "--ca-certs", text(&pki.root), "--extra-ca-certs", text(&missing)])
        .run();
    assert_eq!(run.code, Some(2), "{run:#?}");
    let begin = format!("not trusted, because of another one: {}\n", pki.root.display());
    assert!(run.stdout.starts_with(&begin), "{run:#?}");
}

#[test]
fn it_is_told_by_what_the_proxy_is_set() {
    let (pki, user) = (Pki::new(), User::new());
    let explain = || user.cacerts(&["explain", "--ca-certs", text(&pki.root)]);
    let run = explain().env("https_proxy", "").run();
    assert!(run.stdout.ends_with("\nNo proxy is set.\n"), "{run:#?}");
    let json = |run: Run| parsed(&run)["proxy"].clone();
    assert_eq!(
        json(explain().arg("--json").run()),
        json!({ "https": null, "http": null, "except": null })
    );

    let address = "http://user:pa/ss@w@rd@proxy.example:3128";
    let set = || explain().env("HTTPS_PROXY", address).env("NO_PROXY", "localhost\x1b,.example");
    let run = set().run();
    let said = "\nProxy for https: http://proxy.example:3128 (HTTPS_PROXY), not for \
                localhost\\u{1b},.example (NO_PROXY)\nProxy for http: none\n";
    assert!(run.stdout.ends_with(said), "{run:#?}");
    let run = set().env("all_proxy", "other.example:1").arg("--json").run();
    assert!(!run.stdout.contains("pa/ss") && !run.stdout.contains("user"), "{run:#?}");
    assert_eq!(
        json(run),
        json!({
            "https": { "setting": "HTTPS_PROXY", "value": "http://proxy.example:3128" },
            "http": { "setting": "all_proxy", "value": "other.example:1" },
            "except": { "setting": "NO_PROXY", "value": "localhost\x1b,.example" },
        })
    );
}

#[cfg(unix)]
mod places {
    use super::{parsed, text};
    use crate::support::{Pki, User};
    use serde_json::{Value, json};
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// What is said of others, where it is about something below this.
    fn warnings<'a>(source: &'a Value, below: &Path) -> Vec<&'a str> {
        let warnings = source["warnings"].as_array().unwrap().iter().filter_map(Value::as_str);
        warnings.filter(|warning| warning.contains(text(below))).collect()
    }

    #[test]
    fn a_link_is_followed_to_its_file() {
        let (pki, user) = (Pki::new(), User::new());
        mode(&pki.root, 0o640);
        let home = user.home().canonicalize().unwrap();
        let [one, two] = ["one", "two"].map(|name| home.join(name));
        symlink(&pki.root, &two).unwrap();
        symlink("two", &one).unwrap();
        let explain = || user.cacerts(&["explain", "--ca-certs", text(&one)]);
        let root = pki.root.canonicalize().unwrap();
        let source = parsed(&explain().arg("--json").run())["source"].clone();
        assert_eq!(source["links"], json!([text(&two), text(&root)]));
        assert_eq!((&source["mode"], &source["kind"]), (&json!("0640"), &json!("file")));
        let modified = source["modified"].as_str().unwrap();
        assert!(modified.starts_with("20") && modified.ends_with('Z'), "{modified}");
        let sum = std::process::Command::new("sha256sum").arg(&pki.root).output().unwrap();
        let sum = String::from_utf8(sum.stdout).unwrap();
        let sha256 = source["sha256"].as_str().unwrap();
        assert_eq!(sum.split(' ').next(), Some(sha256));

        let run = explain().run();
        let (owner, group) = (source["owner"].as_str().unwrap(), source["group"].as_str().unwrap());
        let said = format!(
            "    a link to {}, and that to {}\n    {owner}:{group}, mode 0640, written {modified}\n    \
             SHA-256 {sha256}\n",
            two.display(),
            root.display()
        );
        assert!(run.stdout.contains(&said), "{said}: {run:#?}");
        // It is what `stat` says.
        let stat = std::process::Command::new("stat").args(["-Lc", "%U:%G"]).arg(&one).output();
        let stat = String::from_utf8(stat.unwrap().stdout).unwrap();
        assert!(stat == "UNKNOWN:UNKNOWN\n" || stat == format!("{owner}:{group}\n"), "{stat}");

        // A directory has no sum, and a file without links no link.
        let json = |path: &Path| {
            let run = user.cacerts(&["explain", "--json", "--ca-certs"]).arg(path).run();
            parsed(&run)["source"].clone()
        };
        assert_eq!(json(&root)["links"], json!([]));
        let directory = json(pki.directory());
        assert_eq!((&directory["kind"], &directory["sha256"]), (&json!("directory"), &Value::Null));
    }

    /// It is there; what it should lead to is not.
    #[test]
    fn a_link_that_leads_nowhere_is_called_one() {
        let (pki, user) = (Pki::new(), User::new());
        let home = user.home().canonicalize().unwrap();
        let (link, nowhere) = (home.join("ca.pem"), home.join("gone/ca.pem"));
        symlink("gone/ca.pem", &link).unwrap();
        let which = format!(
            "SSL_CERT_FILE names {}, which is a link to {}, where there is nothing; correct",
            link.display(),
            nowhere.display()
        );
        for command in [&["path"][..], &["list"], &["get", "https://localhost:1/"]] {
            let run = user.cacerts(command).env("SSL_CERT_FILE", &link).run();
            assert_eq!(run.code, Some(2), "{run:#?}");
            assert!(run.stderr.contains(&which), "{which}: {run:#?}");
            assert!(!run.stderr.contains("does not exist"), "{run:#?}");
        }
        let explain = || user.cacerts(&["explain"]).env("SSL_CERT_FILE", &link);
        let run = explain().run();
        let line = format!("    a link to {}, where there is nothing\n", nowhere.display());
        assert!(run.stdout.starts_with("cannot be used"), "{run:#?}");
        assert!(run.stdout.contains(&line) && run.stderr.contains(&which), "{run:#?}");
        let source = parsed(&explain().arg("--json").run())["source"].clone();
        assert_eq!((&source["links"], &source["mode"]), (&json!([text(&nowhere)]), &Value::Null));

        fs::create_dir(home.join("gone")).unwrap();
        fs::copy(&pki.root, &nowhere).unwrap();
        assert_eq!(explain().run().code, Some(0));
    }

    #[test]
    fn whoever_may_write_to_a_store_is_warned_of() {
        let (pki, user) = (Pki::new(), User::new());
        let home = user.home().canonicalize().unwrap();
        let [real, way, certs] = ["real", "way", "certs"].map(|name| home.join(name));
        for directory in [&real, &way, &certs] {
            fs::create_dir(directory).unwrap();
            mode(directory, 0o755);
        }
        let (file, link) = (real.join("ca.pem"), way.join("ca.pem"));
        for copy in [&file, &certs.join("a.pem"), &certs.join("b.pem")] {
            fs::copy(&pki.root, copy).unwrap();
            mode(copy, 0o644);
        }
        symlink(&file, &link).unwrap();
        let source = |store: &Path| {
            let run = user.cacerts(&["explain", "--json", "--ca-certs", text(store)]).run();
            assert_eq!(run.code, Some(0), "{run:#?}");
            parsed(&run)["source"].clone()
        };
        let none: [&str; 0] = [];
        for store in [&file, &link, &certs] {
            assert_eq!(warnings(&source(store), &home), none);
        }
        for (store, open, bits) in [
            (&file, &file, 0o646),
            (&link, &file, 0o646),
            (&link, &real, 0o757),
            (&link, &way, 0o757),
            (&certs, &certs, 0o757),
            // Whoever may add to a store need not replace anything.
            (&certs, &certs, 0o1757),
            (&certs, &certs.join("b.pem"), 0o646),
        ] {
            mode(open, bits);
            let source = source(store);
            let said = warnings(&source, &home);
            assert_eq!(said.len(), 1, "{source:#}");
            let begin = format!("others may write to {} (", open.display());
            assert!(said[0].starts_with(&begin), "{said:?}");
            assert!(said[0].ends_with(&format!(", mode {bits:04o})")), "{said:?}");
            let run = user.cacerts(&["explain", "--ca-certs", text(store)]).run();
            assert!(run.stdout.contains(&format!("    warning: {}\n", said[0])), "{run:#?}");
            mode(open, if open.is_dir() { 0o755 } else { 0o644 });
        }
        // What stands in it can be replaced by nobody else.
        mode(&real, 0o1757);
        assert_eq!(warnings(&source(&file), &home), none);
    }
}
