//! What is asked for beside a store: variables, the settings of the process, names.

use super::{Case, ca_certs, config};
use crate::error::{Error, ErrorKind};
use crate::resolve::Peers;
use crate::resolve::decide::{Wanted, decide, extra};
use crate::settings::TlsVersion::{self, Tls12, Tls13};
use crate::settings::{Layer, Names, Setting, Settings};
use std::path::Path;

/// Every setting has a flag and a variable of the application's own.
const OS: Names = Names::new()
    .ca_certs(&["--os-cacert"], &["OS_CACERT", "OLD_CACERT"])
    .extra_ca_certs(&["--os-extra"], &["OS_EXTRA"])
    .client_cert(&["--os-cert"], &["OS_CERT"])
    .client_key(&["--os-key"], &["OS_KEY"])
    .insecure(&["--os-insecure"], &["OS_INSECURE"])
    .min_tls_version(&["--os-tls"], &["OS_TLS"]);

type Variables = &'static [(&'static str, &'static str)];

fn os() -> Settings {
    Settings::new().names(OS)
}

fn with(variables: Variables) -> Case {
    Case { variables, baked: Some("/baked.pem"), ..Case::default() }
}

fn tls_minimum(case: &Case, settings: &Settings, baked: TlsVersion) -> Result<TlsVersion, Error> {
    case.asked(settings, |asked| asked.tls_minimum_over(baked).map(|(minimum, _)| minimum))
}

#[test]
fn an_older_tls_version_than_the_baked_one_is_refused_and_never_silently_raised() {
    let asked = |version| os().min_tls_version(version);
    let none: Variables = &[];
    for (settings, variables, baked, expected) in [
        (os(), none, Tls12, Ok(Tls12)),
        (os(), none, Tls13, Ok(Tls13)),
        (asked(Tls12), none, Tls12, Ok(Tls12)),
        (asked(Tls13), none, Tls12, Ok(Tls13)),
        (asked(Tls13), none, Tls13, Ok(Tls13)),
        (asked(Tls12), none, Tls13, Err("--os-tls asks for TLS 1.2")),
        (os(), &[("OS_TLS", "1.3")], Tls12, Ok(Tls13)),
        (asked(Tls12), &[("OS_TLS", "1.3")], Tls12, Ok(Tls12)),
        (os(), &[("OS_TLS", "1.2")], Tls13, Err("OS_TLS asks for TLS 1.2")),
        (os(), &[("OS_TLS", "1.1")], Tls12, Err("OS_TLS is \"1.1\"; it has to be 1.2 or 1.3")),
        (os(), &[("OS_TLS", "")], Tls12, Ok(Tls12)),
        (Settings::new(), &[("OS_TLS", "1.3")], Tls12, Ok(Tls12)),
    ] {
        match (tls_minimum(&with(variables), &settings, baked), expected) {
            (Ok(version), Ok(expected)) => assert_eq!(version, expected, "{variables:?}"),
            (Err(error), Err(text)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidSetting);
                assert!(error.to_string().starts_with(text), "{error}");
            }
            (result, _) => panic!("{variables:?}: {result:?}"),
        }
    }
}

#[test]
fn a_variable_turns_verification_off_by_true_and_nothing_else() {
    let verifies = |variables, settings: &Settings| {
        with(variables).asked(settings, |asked| asked.verifies().map(|(verifies, _)| verifies))
    };
    let configured = |verify| config(Layer { verify: Some(verify), ..Layer::default() }, "/c");
    for (variables, settings, expected) in [
        (&[][..], os(), true),
        (&[("OS_INSECURE", "true")], os(), false),
        (&[("OS_INSECURE", "false")], os(), true),
        (&[("OS_INSECURE", "")], os(), true),
        (&[("OS_INSECURE", "true")], Settings::new(), true),
        (&[("OS_INSECURE", "true")], os().verify(true), true),
        (&[("OS_INSECURE", "false")], os().over(configured(false)), true),
        (&[("OS_INSECURE", "true")], os().over(configured(true)), false),
        (&[], os().over(configured(false)), false),
    ] as [(Variables, Settings, bool); 9]
    {
        assert_eq!(verifies(variables, &settings).unwrap(), expected, "{variables:?}");
    }
    for text in ["True", "FALSE", "0", "1", "yes", "no", "on", "off", " true", "none"] {
        let variables: Variables = Box::leak(Box::new([("OS_INSECURE", text)]));
        let error = verifies(variables, &os()).unwrap_err();
        assert_eq!(
            (error.kind(), error.setting()),
            (ErrorKind::InvalidSetting, Some("OS_INSECURE"))
        );
        let said = format!("OS_INSECURE is {text:?}; it has to be true or false, or unset");
        assert_eq!(error.to_string(), said);
    }
    let case = Case { privileged: true, ..with(&[("OS_INSECURE", "true")]) };
    assert!(case.asked(&os(), |asked| asked.verifies().unwrap().0), "the caller is not asked");
}

/// Which certificate and key, and by what names.
fn identity(case: &Case, settings: &Settings) -> Option<String> {
    case.asked(settings, |asked| {
        let files = asked.identity()?;
        let path = |path: &Option<_>| {
            path.as_deref().map_or("-", |path: &Path| path.to_str().unwrap()).to_owned()
        };
        Some(format!(
            "{} {} {} {}",
            files.cert_name,
            path(&files.cert),
            files.key_name,
            path(&files.key)
        ))
    })
}

#[test]
fn a_certificate_and_its_key_come_from_one_place() {
    let configured = || {
        let (client_cert, client_key) = (Some("/c.pem".into()), Some("/c.key".into()));
        config(Layer { client_cert, client_key, ..Layer::default() }, "/c")
    };
    let both: Variables = &[("OS_CERT", "/e.pem"), ("OS_KEY", "/e.key")];
    for (variables, settings, expected) in [
        (&[][..], os(), None),
        (&[], os().over(configured()), Some("client_cert in /c /c.pem client_key in /c /c.key")),
        (both, os().over(configured()), Some("OS_CERT /e.pem OS_KEY /e.key")),
        (&[("OS_CERT", "/e.pem")], os().over(configured()), Some("OS_CERT /e.pem OS_KEY -")),
        (&[("OS_KEY", "/e.key")], os().over(configured()), Some("OS_CERT - OS_KEY /e.key")),
        (both, os().client_cert("/a.pem"), Some("--os-cert /a.pem --os-key -")),
        (both, Settings::new(), None),
    ] as [(Variables, Settings, Option<&str>); 7]
    {
        assert_eq!(identity(&with(variables), &settings).as_deref(), expected, "{variables:?}");
    }
    let case = Case { privileged: true, ..with(both) };
    assert_eq!(identity(&case, &os()), None);
}

#[test]
fn variables_add_and_the_first_that_is_set_decides() {
    let chosen = |variables| {
        let decision = with(variables).decide(&os());
        decision.sources.unwrap()[0].named().to_string()
    };
    assert_eq!(chosen(&[("OS_CACERT", "/a"), ("OLD_CACERT", "/b")]), "OS_CACERT");
    assert_eq!(chosen(&[("OS_CACERT", ""), ("OLD_CACERT", "/b")]), "OLD_CACERT");
    assert_eq!(chosen(&[]), "CACERTS_DEFAULT_PATH");

    let case = with(&[("OS_EXTRA", "/e.pem")]);
    let more = os().extra_ca_certs("/a.pem");
    let extra = case.asked(&more, |asked| extra(asked, Peers::Servers)).unwrap();
    let named = extra.iter().map(|source| source.named().to_string()).collect::<Vec<_>>();
    assert_eq!(named, ["--os-extra", "OS_EXTRA"]);
}

#[test]
fn the_settings_of_the_process_are_below_others_of_the_same_rank() {
    let of_process = os().ca_certs("/process.pem").verify(false).over(ca_certs("/file.pem", "/p"));
    let chosen = |variables, own: &Settings, of_process| {
        with(variables).asked_over(own, Some(of_process), |asked| {
            let decision = decide(asked, Peers::Servers, Wanted::Decision);
            decision.sources.unwrap()[0].path.to_str().unwrap().to_owned()
        })
    };
    let own = Settings::new().ca_certs("/own.pem");
    assert_eq!(chosen(&[], &own, &of_process), "/own.pem");
    assert_eq!(chosen(&[], &Settings::new(), &of_process), "/process.pem");
    assert_eq!(chosen(&[], &ca_certs("/own.pem", "/c"), &of_process), "/process.pem");
    // The names are the process's, so its variables are read, too.
    let names = os().over(ca_certs("/file.pem", "/p"));
    let variable: Variables = &[("OS_CACERT", "/variable.pem")];
    assert_eq!(chosen(variable, &ca_certs("/own.pem", "/c"), &names), "/variable.pem");
    assert_eq!(chosen(&[], &ca_certs("/own.pem", "/c"), &names), "/own.pem");
    assert_eq!(chosen(&[], &Settings::new(), &names), "/file.pem");
    // Also where a client declares others, which then come first.
    let own_names = Settings::new().names(Names::new().ca_certs(&["--ca"], &["CA"]));
    assert_eq!(chosen(variable, &own_names, &names), "/variable.pem");
    let both: Variables = &[("OS_CACERT", "/variable.pem"), ("CA", "/ca.pem")];
    assert_eq!(chosen(both, &own_names, &names), "/ca.pem");

    let verifies = |own: &Settings| {
        with(&[]).asked_over(own, Some(&of_process), |asked| asked.verifies().unwrap().0)
    };
    assert!(!verifies(&Settings::new()));
    assert!(verifies(&Settings::new().verify(true)));
}

/// Only what is named for this server decides who may connect to it.
#[test]
fn clients_are_never_verified_by_the_store_of_the_system() {
    let world: Variables = &[("SSL_CERT_FILE", "/world.pem"), ("SSL_CERT_DIR", "/world")];
    let clients = |variables, settings: &Settings| {
        with(variables).asked(settings, |asked| {
            let sources = decide(asked, Peers::Clients, Wanted::All).sources;
            sources.map(|sources| sources[0].path.to_str().unwrap().to_owned())
        })
    };
    let error = clients(world, &Settings::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoStore);
    assert!(error.to_string().contains("name one with ca_certs (extra"), "{error}");
    let error = clients(world, &os()).unwrap_err();
    assert!(
        error.to_string().contains("name one with --os-cacert or OS_CACERT or OLD_CACERT (extra")
    );
    assert_eq!(clients(world, &os().ca_certs("/a.pem")).unwrap(), "/a.pem");
    assert_eq!(clients(world, &ca_certs("/c.pem", "/c")).unwrap(), "/c.pem");
    assert_eq!(clients(&[("OS_CACERT", "/e.pem")], &os()).unwrap(), "/e.pem");
}

#[test]
fn settings_have_the_names_that_the_application_gives_them() {
    let name = |settings: &Settings| with(&[]).asked(settings, |asked| asked.name(Setting::Verify));
    assert_eq!(name(&Settings::new()), "verify");
    assert_eq!(name(&os()), "--os-insecure");
    assert_eq!(name(&Settings::new().over(os())), "verify", "names stay where they are declared");
    assert_eq!(name(&Settings::new().names(OS.insecure(&[], &[]))), "verify");

    // Keys of a configuration file that the application reads itself.
    let file = os().names(Names::keys().ca_certs(&["cacert"], &[])).ca_certs("relative.pem");
    let settings = os().over(file.read_from("/etc/clouds.yaml"));
    let error = with(&[]).decide(&settings).sources.unwrap_err();
    assert!(error.to_string().starts_with("cacert in /etc/clouds.yaml is the relative path"));
    assert_eq!(error.setting(), Some("cacert"));
}
