//! Which store is decided on, case by case: variables, configuration, what is baked in, what exists.

mod asked;

use super::decide::{Decision, Wanted, decide, extra};
use super::world::World;
use super::{Asked, Expects, Origin, Outcome, Peers, Source};
use crate::error::ErrorKind;
use crate::settings::{ConfigLayer, Layer, Named, Names, Place, Settings};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const SEARCH: &[&str] = &["/search/one.pem", "/search/two.pem"];

/// The environment of one case.
#[derive(Default)]
struct Case {
    variables: &'static [(&'static str, &'static str)],
    file_variable: Option<&'static str>,
    baked: Option<&'static str>,
    /// Which paths of the search list exist.
    existing: &'static [&'static str],
    privileged: bool,
}

impl Case {
    fn decide(&self, settings: &Settings) -> Decision {
        self.asked(settings, |asked| decide(asked, Peers::Servers, Wanted::All))
    }

    fn asked<T>(&self, settings: &Settings, run: impl FnOnce(Asked<'_>) -> T) -> T {
        self.asked_over(settings, None, run)
    }

    /// With settings of the process, too.
    fn asked_over<T>(
        &self,
        settings: &Settings,
        installed: Option<&Settings>,
        run: impl FnOnce(Asked<'_>) -> T,
    ) -> T {
        let world = World {
            variable: &|name| {
                let found = self.variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            },
            exists: &|path| self.existing.iter().any(|existing| path == Path::new(existing)),
            privileged: &|| self.privileged,
            file_variable: self.file_variable,
            default_path: self.baked,
            search_paths: SEARCH,
        };
        run(Asked::within(settings, installed, &world))
    }
}

/// An application with a variable, and no flag.
const APP: Names = Names::new().ca_certs(&[], &["APP_CA"]);

/// Settings as a configuration file would give them.
fn config(layer: Layer, file: &str) -> Settings {
    let config = ConfigLayer { file: Some(file.into()), layer, names: Names::KEYS };
    Settings { config: vec![config], ..Settings::new() }
}

fn ca_certs(path: &str, file: &str) -> Settings {
    config(Layer { ca_certs: Some(path.into()), ..Layer::default() }, file)
}

/// `origin setting path` of each source.
fn sources(decision: &Decision) -> Vec<String> {
    let one = |s: &Source| format!("{} {} {}", s.origin, s.named(), s.path.display());
    decision.sources.as_ref().expect("a store").iter().map(one).collect()
}

const ALL: &[(&str, &str)] =
    &[("APP_CA", "/env/app.pem"), ("SSL_CERT_FILE", "/env/file.pem"), ("SSL_CERT_DIR", "/a:/b")];

#[test]
fn the_first_level_that_is_set_decides_alone() {
    let user = || ca_certs("/config/user.pem", "/home/u/c.toml");
    let both = || user().over(ca_certs("/config/system.pem", "/etc/c.toml"));
    let cases: [(&str, Settings, Case, &[&str]); 11] = [
        (
            "an argument beats everything",
            both().ca_certs("/arg.pem").names(APP),
            Case { variables: ALL, baked: Some("/baked.pem"), ..Case::default() },
            &["argument ca_certs /arg.pem"],
        ),
        (
            "the application's variable beats the general ones",
            both().names(APP),
            Case { variables: ALL, baked: Some("/baked.pem"), ..Case::default() },
            &["environment APP_CA /env/app.pem"],
        ),
        (
            "a variable that the application has not declared is not read",
            Settings::new(),
            Case { variables: &[("APP_CA", "/x")], baked: Some("/baked.pem"), ..Case::default() },
            &["built-in CACERTS_DEFAULT_PATH /baked.pem"],
        ),
        (
            "file and directories together replace what is below",
            both(),
            Case { variables: ALL, baked: Some("/baked.pem"), ..Case::default() },
            &[
                "environment SSL_CERT_FILE /env/file.pem",
                "environment SSL_CERT_DIR /a",
                "environment SSL_CERT_DIR /b",
            ],
        ),
        (
            "the directories alone replace what is below",
            both(),
            Case {
                variables: &[("SSL_CERT_DIR", ":/a::"), ("SSL_CERT_FILE", "")],
                baked: Some("/baked.pem"),
                ..Case::default()
            },
            &["environment SSL_CERT_DIR /a"],
        ),
        (
            "the user's configuration beats the system's",
            both(),
            Case { baked: Some("/baked.pem"), ..Case::default() },
            &["config ca_certs in /home/u/c.toml /config/user.pem"],
        ),
        (
            "an empty value in a configuration counts as not set",
            ca_certs("", "/home/u/c.toml").over(ca_certs("/config/system.pem", "/etc/c.toml")),
            Case { baked: Some("/baked.pem"), ..Case::default() },
            &["config ca_certs in /etc/c.toml /config/system.pem"],
        ),
        (
            "empty variables count as not set",
            Settings::new().names(APP),
            Case {
                variables: &[("APP_CA", ""), ("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")],
                baked: Some("/baked.pem"),
                ..Case::default()
            },
            &["built-in CACERTS_DEFAULT_PATH /baked.pem"],
        ),
        (
            "a baked path is never looked past",
            Settings::new(),
            Case { baked: Some("/baked.pem"), existing: SEARCH, ..Case::default() },
            &["built-in CACERTS_DEFAULT_PATH /baked.pem"],
        ),
        (
            "with nothing baked in, the first that exists",
            Settings::new(),
            Case { existing: &["/search/two.pem"], ..Case::default() },
            &["search CACERTS_SEARCH_PATHS /search/two.pem"],
        ),
        (
            "a privileged process does not ask its caller",
            Settings::new().names(APP),
            Case { variables: ALL, baked: Some("/baked.pem"), privileged: true, ..Case::default() },
            &["built-in CACERTS_DEFAULT_PATH /baked.pem"],
        ),
    ];
    for (name, settings, case, expected) in cases {
        assert_eq!(sources(&case.decide(&settings)), expected, "{name}");
    }
}

#[test]
fn every_candidate_is_listed_with_what_became_of_it() {
    let settings = ca_certs("", "/home/u/c.toml").names(APP);
    let outcomes = |case: &Case| -> Vec<(Origin, Outcome)> {
        case.decide(&settings).candidates.iter().map(|c| (c.origin, c.outcome)).collect()
    };
    let nothing_baked = Case {
        variables: &[("SSL_CERT_FILE", "")],
        existing: &["/search/two.pem"],
        ..Case::default()
    };
    assert_eq!(
        outcomes(&nothing_baked),
        [
            (Origin::Argument, Outcome::NotSet),
            (Origin::Environment, Outcome::NotSet),
            (Origin::Environment, Outcome::Empty),
            (Origin::Environment, Outcome::NotSet),
            (Origin::Config, Outcome::Empty),
            (Origin::BuiltIn, Outcome::NotSet),
            (Origin::Search, Outcome::NotFound),
            (Origin::Search, Outcome::Chosen),
        ]
    );
    let privileged =
        Case { variables: ALL, baked: Some("/b"), privileged: true, ..Case::default() };
    assert_eq!(
        outcomes(&privileged),
        [
            (Origin::Argument, Outcome::NotSet),
            (Origin::Environment, Outcome::Ignored),
            (Origin::Environment, Outcome::Ignored),
            (Origin::Environment, Outcome::Ignored),
            (Origin::Config, Outcome::Empty),
            (Origin::BuiltIn, Outcome::Chosen),
            (Origin::Search, Outcome::NotSearched),
            (Origin::Search, Outcome::NotSearched),
        ]
    );
}

#[test]
fn the_search_list_is_not_looked_at_where_something_higher_decides() {
    for (baked, variables) in [(Some("/b"), &[][..]), (None, ALL)] {
        let world = World {
            variable: &|name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
            },
            exists: &|path| panic!("looked for {}", path.display()),
            privileged: &|| false,
            file_variable: None,
            default_path: baked,
            search_paths: SEARCH,
        };
        let settings = Settings::new();
        let asked = Asked::within(&settings, None, &world);
        assert!(decide(asked, Peers::Servers, Wanted::All).sources.is_ok());
    }
}

/// As with nixpkgs' OpenSSL, curl and git.
#[test]
fn the_own_variable_of_a_distribution_takes_the_place_of_ssl_cert_file() {
    const SET: &[(&str, &str)] =
        &[("NIX_SSL_CERT_FILE", "/nix"), ("SSL_CERT_FILE", "/file"), ("SSL_CERT_DIR", "/d")];
    const EMPTY: &[(&str, &str)] = &[("NIX_SSL_CERT_FILE", ""), ("SSL_CERT_FILE", "/file")];
    const NIX: Option<&str> = Some("NIX_SSL_CERT_FILE");
    for (variables, named, privileged, expected) in [
        (SET, NIX, false, &["/nix", "/d"][..]),
        (&SET[..1], NIX, false, &["/nix"]),
        (&SET[..2], NIX, false, &["/nix"]),
        (&SET[1..], NIX, false, &["/file", "/d"]),
        (EMPTY, NIX, false, &["/file"]),
        (SET, NIX, true, &["/baked"]),
        (SET, None, false, &["/file", "/d"]),
    ] {
        let case = Case {
            variables,
            file_variable: named,
            baked: Some("/baked"),
            privileged,
            ..Case::default()
        };
        let decision = case.decide(&Settings::new());
        let sources = decision.sources.unwrap();
        let paths: Vec<_> = sources.iter().map(|source| source.path().to_str().unwrap()).collect();
        assert_eq!(paths, expected, "{variables:?}");
        let file = decision.candidates.iter().find(|c| c.setting == "SSL_CERT_FILE").unwrap();
        let outranked = expected[0] == "/nix" && variables.len() > 1;
        assert_eq!(file.outcome == Outcome::Outranked, outranked, "{variables:?}");
    }
}

#[test]
fn a_variable_says_what_it_may_name() {
    let case = Case { variables: ALL, ..Case::default() };
    let decision = case.decide(&Settings::new());
    let expects: Vec<_> = decision.sources.unwrap().iter().map(Source::expects).collect();
    assert_eq!(expects, [Expects::File, Expects::Directory, Expects::Directory]);
}

#[test]
fn no_store_is_an_error_that_says_where_it_was_looked_for() {
    let error = Case::default().decide(&Settings::new()).sources.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoStore);
    let text = error.to_string();
    for part in ["CACERTS_DEFAULT_PATH", "/search/one.pem, /search/two.pem", "SSL_CERT_FILE"] {
        assert!(text.contains(part), "{part} is not in {text:?}");
    }
}

#[test]
fn an_empty_argument_is_a_mistake() {
    let case = Case { baked: Some("/baked.pem"), ..Case::default() };
    let settings = Settings::new().ca_certs("").names(Names::new().ca_certs(&["--os-cacert"], &[]));
    let error = case.decide(&settings).sources.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSetting);
    assert_eq!(error.to_string(), "--os-cacert is empty; give a path, or leave it out");
}

#[test]
fn a_configured_path_is_absolute_or_in_the_home_directory() {
    let home = &[("HOME", "/home/u")];
    let cases: [(&str, &str, Case, Result<&str, &str>); 6] = [
        ("absolute", "/x.pem", Case::default(), Ok("/x.pem")),
        ("home", "~/x.pem", Case { variables: home, ..Case::default() }, Ok("/home/u/x.pem")),
        (
            "no home",
            "~/x.pem",
            Case::default(),
            Err(
                "ca_certs in /c.toml is ~/x.pem, and there is no home directory to go by; write the \
                 path out",
            ),
        ),
        (
            "the caller's home in a privileged process",
            "~/x.pem",
            Case { variables: home, privileged: true, ..Case::default() },
            Err(
                "ca_certs in /c.toml is ~/x.pem, and there is no home directory to go by; write the \
                 path out",
            ),
        ),
        (
            "relative",
            "x.pem",
            Case::default(),
            Err("ca_certs in /c.toml is the relative path x.pem; write an absolute one, or ~/..."),
        ),
        (
            "another user's home is not looked up",
            "~root/x.pem",
            Case { variables: home, ..Case::default() },
            Err("ca_certs in /c.toml is the relative path ~root/x.pem; write an absolute one, or \
                 ~/..."),
        ),
    ];
    for (name, path, case, expected) in cases {
        let place = Place::Config(Some(Path::new("/c.toml")));
        let named = Named { name: "ca_certs", place };
        let result =
            case.asked(&Settings::new(), |asked| asked.written_path(Path::new(path), named));
        let result = result.map_err(|e| e.to_string());
        assert_eq!(result, expected.map(PathBuf::from).map_err(str::to_owned), "{name}");
    }
}

#[test]
fn extra_certificates_come_from_every_layer() {
    let named = |path: &str, file: &str| {
        config(Layer { extra_ca_certs: vec![path.into()], ..Layer::default() }, file)
    };
    let paths = |settings: &Settings| -> Vec<PathBuf> {
        let extra = Case::default().asked(settings, |asked| extra(asked, Peers::Servers)).unwrap();
        extra.into_iter().map(|source| source.path).collect()
    };
    let both = named("/user.pem", "/u").over(named("/system.pem", "/s"));
    assert!(paths(&Settings::new()).is_empty());
    let all = both.ca_certs("/only.pem").extra_ca_certs("/a.pem").extra_ca_certs("/b.pem");
    assert_eq!(paths(&all), ["/a.pem", "/b.pem", "/user.pem", "/system.pem"].map(PathBuf::from));
}

#[test]
fn what_is_put_below_counts_as_configuration() {
    let lower = Settings::new().ca_certs("/lower.pem").extra_ca_certs("/more.pem");
    let case = Case { baked: Some("/baked.pem"), ..Case::default() };
    let settings = Settings::new().names(APP).over(lower);
    assert_eq!(sources(&case.decide(&settings)), ["config ca_certs /lower.pem"]);
    let extra = case.asked(&settings, |asked| extra(asked, Peers::Servers)).unwrap();
    assert_eq!(extra.len(), 1);
    let with_variables = Case { variables: ALL, ..case };
    assert_eq!(sources(&with_variables.decide(&settings)), ["environment APP_CA /env/app.pem"]);
    let upper = ca_certs("/upper.pem", "/u").over(settings);
    let case = Case::default();
    assert_eq!(sources(&case.decide(&upper)), ["config ca_certs in /u /upper.pem"]);
}

/// What is baked in, and is not there, is mended otherwise than a link to something that is not there.
#[cfg(unix)]
#[test]
fn a_baked_link_that_leads_nowhere_is_called_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let baked = Some(&*path.to_str().unwrap().to_owned().leak());
    let said = || {
        let sources = Case { baked, ..Case::default() }.decide(&Settings::new()).sources.unwrap();
        sources[0].load().unwrap_err().to_string()
    };
    let missing = said();
    assert!(missing.contains("ca.pem does not exist; it is the CA store that"), "{missing}");
    assert!(missing.contains("To mend it, install the package "), "{missing}");
    std::os::unix::fs::symlink("gone/ca.pem", &path).unwrap();
    let link = said();
    let gone = directory.path().join("gone/ca.pem");
    let words = format!("ca.pem is a link to {}, where there is nothing; it is", gone.display());
    assert!(link.contains(&words), "{link}");
    assert!(link.contains("To mend it, correct the link, install the package "), "{link}");
    assert!(link.contains(" again, or name another store with "), "{link}");
}
