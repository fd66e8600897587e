//! `defaults.toml` as it is shipped.

use super::*;

/// The file without what a packager decided in it: these tests pass in an edited source, too.
pub(super) fn shipped_text() -> String {
    let text = include_str!("../../../defaults.toml");
    let last = "# Append your own lines below.\n";
    let end = text.find(last).expect("the last line is there") + last.len();
    text[..end].replace(&format!("\n{DEFAULT_PATH}"), &format!("\n#{DEFAULT_PATH}"))
}

#[test]
fn the_shipped_file_bakes_nothing_in_and_searches() {
    let defaults = bake_text(&shipped_text()).expect("bakes");
    assert_eq!(defaults.default_path, None);
    assert_eq!(defaults.package.as_deref(), Some("ca-certificates"));
    assert_eq!(defaults.system_config, "/etc/cacerts/config.toml");
    assert_eq!(defaults.tls_min_version, "1.2");
    assert_eq!(defaults.search_paths[0], "/etc/ssl/certs/ca-certificates.crt");
}

#[test]
fn the_documented_line_can_be_appended() {
    // As it stands in the file itself, so that the two cannot drift apart.
    assert!(shipped_text().contains(&format!("echo '{}' >> defaults.toml", ECHO.trim_end())));
    let defaults = bake_text(&(shipped_text() + ECHO)).expect("bakes");
    assert_eq!(defaults.default_path.as_deref(), Some("/etc/ssl/certs/ca-certificates.crt"));
}

#[test]
fn a_commented_default_is_what_holds_without_it() {
    let text = shipped_text();
    let shipped = bake_text(&text).expect("bakes");
    for key in [FILE_VARIABLE, PACKAGE, SYSTEM_CONFIG, TLS_MIN_VERSION] {
        let commented = format!("\n#{key} = ");
        assert!(text.contains(&commented), "{key} is not shown");
        let set = text.replace(&commented, &format!("\n{key} = "));
        assert_eq!(bake_text(&set).expect(key), shipped, "{key}");
    }
}

#[test]
fn every_commented_path_can_be_uncommented() {
    let text = shipped_text();
    let lines: Vec<_> = text.lines().collect();
    let mut found = 0;
    for (i, line) in lines.iter().enumerate() {
        let Some(bare) = line.strip_prefix('#').filter(|line| line.starts_with(DEFAULT_PATH))
        else {
            continue;
        };
        found += 1;
        let mut lines = lines.clone();
        lines[i] = bare;
        let defaults = bake_text(&lines.join("\n")).expect(bare);
        let path = defaults.default_path.expect(bare);
        assert_eq!(bare, format!("{DEFAULT_PATH} = \"{path}\""));
        assert!(lines[i - 1].starts_with("# "), "line {} says whose path it is", i);
    }
    assert!(found >= 10, "only {found} commented lines");
    // The paths that the three packages are built with.
    for path in [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/var/lib/ca-certificates/ca-bundle.pem",
    ] {
        assert!(lines.contains(&format!("#{DEFAULT_PATH} = \"{path}\"").as_str()), "{path}");
    }
}

/// Directories from which a distribution generates its store: to trust one of them is to trust
/// what an administrator added and nothing else, or what was since distrusted.
const INPUTS: [&str; 7] = [
    "/etc/pki/ca-trust/source",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/share/pki/trust",
    "/etc/pki/trust",
    "/etc/ca-certificates/trust-source",
    "/usr/share/pki/ca-trust-source",
];

#[test]
fn the_shipped_paths_are_stores_and_no_inputs() {
    let defaults = bake_text(&shipped_text()).expect("bakes");
    let text = shipped_text();
    let commented = text
        .lines()
        .filter_map(|line| line.strip_prefix("#CACERTS_DEFAULT_PATH = \"")?.strip_suffix('"'));
    let mut seen = std::collections::BTreeSet::new();
    for path in defaults.search_paths.iter().map(String::as_str).chain(commented.clone()) {
        assert!(path.starts_with('/'), "{path}");
        assert!(!INPUTS.iter().any(|input| path.starts_with(input)), "{path} is an input");
        // FreeBSD's directory of inputs has one bundle in it.
        assert_ne!(path, "/usr/local/share/certs", "{path} is an input");
        // A plain user may write there.
        for writable in ["/tmp", "/var/tmp", "/home", "/dev"] {
            assert!(!path.starts_with(&format!("{writable}/")), "{path}");
        }
    }
    for path in &defaults.search_paths {
        assert!(seen.insert(path), "{path} is there twice");
    }
    // What a packager would bake is also found by a build in which nothing is.
    for path in commented {
        assert!(defaults.search_paths.iter().any(|row| row == path), "{path} is not searched");
    }
}

#[test]
fn every_row_of_the_search_list_says_whose_it_is() {
    let defaults = bake_text(&shipped_text()).expect("bakes");
    let text = shipped_text();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("    \"/")).collect();
    assert_eq!(rows.len(), defaults.search_paths.len());
    for (row, path) in rows.iter().zip(&defaults.search_paths) {
        let (before, comment) = row.split_once('#').unwrap_or((row, ""));
        assert_eq!(before.trim(), format!("\"{path}\","));
        assert!(comment.trim().len() >= 3, "{row} has no comment");
    }
}
