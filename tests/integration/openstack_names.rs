//! An application with its own names for the settings, on the command line, in the environment and in
//! its configuration: the OpenStack clients', which were six times six.

use crate::support::server::ClientCertificate;
use crate::support::{Pki, Server, alone, alone_with, get};
use cacerts::{Arguments, ErrorKind, Names, Naming, Origin, Settings};
use clap::Parser;
use serde::Deserialize;
use std::env;
use std::path::PathBuf;

struct Os;

impl Naming for Os {
    const NAMES: Names = Names::new()
        .ca_certs(&["--os-cacert"], &["OS_CACERT"])
        .client_cert(&["--os-cert"], &["OS_CERT"])
        .client_key(&["--os-key"], &["OS_KEY"])
        .insecure(&["--insecure", "-k"], &["OS_INSECURE"])
        .min_tls_version(&[], &["OS_TLS"]);
}

#[derive(Debug, Parser)]
#[command(name = "nova")]
struct Nova {
    #[command(flatten)]
    tls: Arguments<Os>,
    #[command(subcommand)]
    command: Option<Subcommand>,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    List,
}

fn parse(arguments: &[&str]) -> Result<Settings, clap::Error> {
    let nova = Nova::try_parse_from(["nova"].iter().chain(arguments))?;
    Ok(nova.tls.settings())
}

#[test]
fn o1_help_and_messages_have_the_names_of_the_application() {
    alone(o1_help_and_messages_have_the_names_of_the_application, || {
        let help = parse(&["--help"]).unwrap_err().to_string();
        for line in [
            "--os-cacert <PATH>       Trust this PEM file or directory instead of any other store [env: OS_CACERT]",
            "--extra-ca-certs <PATH>  Trust this PEM file or directory in addition; may be given more than once",
            "--os-cert <FILE>         Show this client certificate (PEM) [env: OS_CERT]",
            "--os-key <FILE>          The client certificate's key (PEM) [default: the file of --os-cert] [env: OS_KEY]",
            "-k, --insecure               Do not verify servers at all [env: OS_INSECURE]",
        ] {
            assert!(help.contains(line), "{line} is not in\n{help}");
        }
        assert!(!help.contains("--ca-certs <PATH>") && !help.contains("tls"), "{help}");
        assert!(parse(&["--ca-certs", "/x"]).is_err(), "that name is not the application's");
        let empty = parse(&["--os-cacert", ""]).unwrap_err().to_string();
        assert!(empty.contains("a value is required for '--os-cacert <PATH>'"), "{empty}");

        for (arguments, kind, setting, said) in [
            (&["--os-cacert", "/missing"][..], ErrorKind::StoreMissing, "--os-cacert", "/missing"),
            (
                &["--extra-ca-certs", "/missing", "--os-cacert", "/"],
                ErrorKind::StoreInvalid,
                "--os-cacert",
                "/",
            ),
            (
                &["-k", "--os-cert", "/missing"],
                ErrorKind::ClientCertificate,
                "--os-cert",
                "/missing",
            ),
            (
                &["-k", "--os-key", "/missing"],
                ErrorKind::ClientCertificate,
                "--os-key",
                "without --os-cert",
            ),
        ] {
            let error = parse(arguments).unwrap().client_config().unwrap_err();
            assert_eq!((error.kind(), error.setting()), (kind, Some(setting)), "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    });
}

/// An application that talks to two sides, one of which may go without settings of its own.
#[derive(Debug, Parser)]
struct Proxy {
    #[command(flatten)]
    front: Arguments<Os>,
    #[command(flatten)]
    back: Option<Arguments<Back>>,
}

#[derive(Debug)]
struct Back;

impl Naming for Back {
    const NAMES: Names =
        Names::keys().ca_certs(&["--back-ca"], &[]).insecure(&["--back-insecure"], &[]);
}

#[test]
fn o1_two_groups_do_not_share_what_they_are_given() {
    let parse = |arguments: &[&str]| {
        let proxy = Proxy::try_parse_from(["proxy"].iter().chain(arguments)).unwrap();
        let ca_certs = |settings: Settings| {
            let argument = settings.candidates().into_iter().find(|c| c.origin == Origin::Argument);
            argument.map(|c| c.paths).unwrap_or_default()
        };
        let verifies = |settings: &Settings| settings.verifies().unwrap();
        let (front, back) = (proxy.front.settings(), proxy.back.map(|back| back.settings()));
        (verifies(&front), ca_certs(front), back.map(|back| (verifies(&back), ca_certs(back))))
    };
    let paths = |path: &str| vec![PathBuf::from(path)];
    alone(o1_two_groups_do_not_share_what_they_are_given, || {
        assert_eq!(parse(&["--os-cacert", "/a"]), (true, paths("/a"), None));
        let both = parse(&["--os-cacert", "/a", "--back-ca", "/b"]);
        assert_eq!(both, (true, paths("/a"), Some((true, paths("/b")))));
        assert_eq!(parse(&["--back-insecure"]), (true, vec![], Some((false, vec![]))));
        assert_eq!(parse(&["-k"]), (false, vec![], None));
    });
}

#[test]
fn o1_arguments_of_the_application_decide() {
    alone(o1_arguments_of_the_application_decide, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let (root, other) = (path(&pki.root), path(&pki.other));
        let visit = |arguments: &[&str]| {
            get(&parse(arguments).unwrap(), &server.url()).map(drop).map_err(|e| e.kind())
        };
        let untrusted = Err(ErrorKind::ServerNotTrusted);
        assert_eq!(visit(&["--os-cacert", &root]), Ok(()));
        assert_eq!(visit(&["--os-cacert", &other]), untrusted);
        assert_eq!(visit(&["list", "--os-cacert", &root]), Ok(()), "behind a subcommand, too");
        assert_eq!(visit(&["--os-cacert", &other, "--extra-ca-certs", &root]), Ok(()));
        assert_eq!(visit(&["--os-cacert", &other, "-k"]), Ok(()));

        // What is given later changes what is given again, and nothing else; a pair is one thing.
        let mut pair = Nova::try_parse_from(["nova", "--os-cert", "/a", "--os-key", "/b"]).unwrap();
        pair.try_update_from(["nova", "--os-cert", &other, "list"]).unwrap();
        let error = pair.tls.settings().verify(false).client_config().unwrap_err();
        assert!(error.to_string().contains("is --os-key missing?"), "{error}");
        let mut nova = Nova::try_parse_from(["nova", "--os-cacert", &other, "-k"]).unwrap();
        nova.try_update_from(["nova", "--os-cacert", &root, "list"]).unwrap();
        let settings = nova.tls.settings();
        assert!(!settings.verifies().unwrap());
        assert_eq!(
            get(&settings.verify(true), &server.url()).map(drop).map_err(|e| e.kind()),
            Ok(())
        );
    });
}

#[test]
fn o1_o5_variables_of_the_application_are_read() {
    let variables = [
        ("OS_CACERT", "root.pem"),
        ("OS_CERT", "client.pem"),
        ("OS_KEY", "client.key"),
        ("OS_TLS", "1.3"),
    ];
    alone_with(o1_o5_variables_of_the_application_are_read, &variables, || {
        let pki = Pki::new();
        env::set_current_dir(pki.directory()).unwrap();
        let (client, stranger, required) =
            (pki.client(), pki.stranger(), ClientCertificate::Required);
        let server = Server::https_for(&pki.client_ca, required, &pki.server());
        let visit =
            |settings: &Settings| get(settings, &server.url()).map(drop).map_err(|e| e.kind());
        assert_eq!(visit(&parse(&[]).unwrap()), Ok(()));
        assert_eq!(
            visit(&parse(&["--os-cacert", "other.pem"]).unwrap()),
            Err(ErrorKind::ServerNotTrusted)
        );
        let (cert, key) = (stranger.certificate.to_str().unwrap(), stranger.key.to_str().unwrap());
        let other = parse(&["--os-cert", cert, "--os-key", key]).unwrap();
        assert_eq!(visit(&other), Err(ErrorKind::ClientCertificate));
        let old = Server::https_of_tls12(&pki.server());
        let error = get(&parse(&[]).unwrap(), &old.url()).unwrap_err();
        assert!(error.to_string().contains("no TLS version"), "{error}");
        // Who has not declared them does not go by them.
        let error = visit(&Settings::new().ca_certs(&pki.root)).unwrap_err();
        assert_eq!(error, ErrorKind::ClientCertificate);
        // They beat configuration.
        let configured = Settings::new().client_cert(&client.certificate).client_key(&stranger.key);
        assert_eq!(visit(&parse(&[]).unwrap().over(configured)), Ok(()));
    });
}

#[test]
fn o4_variable_for_insecure_is_true_or_false() {
    let variables = [("OS_CACERT", "other.pem"), ("OS_INSECURE", "true")];
    alone_with(o4_variable_for_insecure_is_true_or_false, &variables, || {
        let pki = Pki::new();
        env::set_current_dir(pki.directory()).unwrap();
        let server = Server::https(&pki.server());
        assert!(get(&parse(&[]).unwrap(), &server.url()).is_ok(), "insecure beats the CA");
        let undeclared = Settings::new().ca_certs(&pki.other);
        assert!(get(&undeclared, &server.url()).is_err());
    });
}

/// CINDERCLIENT_INSECURE=0 turned verification off; what is no boolean is an error here.
#[test]
fn o4_variable_that_is_no_boolean_is_an_error() {
    let variables = [("OS_CACERT", "root.pem"), ("OS_INSECURE", "0")];
    alone_with(o4_variable_that_is_no_boolean_is_an_error, &variables, || {
        let pki = Pki::new();
        env::set_current_dir(pki.directory()).unwrap();
        let server = Server::https(&pki.server());
        let error = get(&parse(&[]).unwrap(), &server.url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSetting);
        assert_eq!(error.to_string(), "OS_INSECURE is \"0\"; it has to be true or false, or unset");
        assert_eq!(server.connections(), 0);
        assert!(get(&Settings::new().ca_certs("root.pem"), &server.url()).is_ok());
    });
}

#[test]
fn o5_key_in_a_variable_alone_is_an_error() {
    let variables = [("OS_CACERT", "root.pem"), ("OS_KEY", "client.key")];
    alone_with(o5_key_in_a_variable_alone_is_an_error, &variables, || {
        let pki = Pki::new();
        env::set_current_dir(pki.directory()).unwrap();
        let (server, client) = (Server::https(&pki.server()), pki.client());
        let error = get(&parse(&[]).unwrap(), &server.url()).unwrap_err();
        assert_eq!(error.to_string(), "OS_KEY is set without OS_CERT; name the certificate too");
        assert_eq!(server.connections(), 0);
        let (cert, key) = (client.certificate.to_str().unwrap(), client.key.to_str().unwrap());
        assert!(get(&parse(&["--os-cert", cert, "--os-key", key]).unwrap(), &server.url()).is_ok());
    });
}

/// An application embeds the settings in a configuration of its own, under any name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    #[serde(default)]
    transport: Settings,
}

#[test]
fn o6_settings_are_part_of_the_configuration_of_the_application() {
    alone(o6_settings_are_part_of_the_configuration_of_the_application, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let read = |table: &str| toml::from_str::<Application>(&format!("name = \"x\"\n{table}"));
        let with = |table: &str| {
            let application = read(table).unwrap();
            assert_eq!(application.name, "x");
            let settings =
                parse(&[]).unwrap().over(application.transport.read_from("/etc/app.toml"));
            get(&settings, &server.url()).map_err(|e| e.to_string())
        };
        let ca_certs = |path: &PathBuf| format!("[transport]\nca_certs = {path:?}\n");
        assert!(with(&ca_certs(&pki.root)).is_ok());
        assert!(with(&ca_certs(&pki.other)).unwrap_err().contains("is not trusted"));
        assert!(with(&format!("{}verify = false\n", ca_certs(&pki.other))).is_ok());
        let error = with(&ca_certs(&pki.missing())).unwrap_err();
        assert!(error.starts_with("ca_certs in /etc/app.toml names "), "{error}");
        assert!(read("").is_ok(), "nothing has to be set");
        for wrong in
            ["cacert = \"/x\"", "verify = \"true\"", "verify = 1", "min_tls_version = \"1.1\""]
        {
            assert!(read(&format!("[transport]\n{wrong}\n")).is_err(), "{wrong}");
        }
        assert!(with(&format!("{}min_tls_version = \"1.3\"\n", ca_certs(&pki.root))).is_ok());
    });
}

/// clouds.yaml has keys of its own, which the application reads and cacerts knows by their names.
#[test]
fn o6_keys_of_clouds_yaml_are_named_as_they_are_there() {
    const KEYS: Names = Names::keys()
        .ca_certs(&["cacert"], &[])
        .client_cert(&["cert"], &[])
        .client_key(&["key"], &[]);
    alone(o6_keys_of_clouds_yaml_are_named_as_they_are_there, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let cloud = |cloud: Settings| {
            let settings =
                parse(&[]).unwrap().over(cloud.names(KEYS).read_from("/etc/clouds.yaml"));
            get(&settings, &server.url()).map_err(|e| e.to_string())
        };
        assert!(cloud(Settings::new().ca_certs(&pki.root)).is_ok());
        for (settings, said) in [
            (Settings::new().ca_certs("ca.pem"), "cacert in /etc/clouds.yaml is the relative path"),
            (Settings::new().ca_certs("/missing"), "cacert in /etc/clouds.yaml names /missing"),
            (
                Settings::new().ca_certs("~/x"),
                "cacert in /etc/clouds.yaml is ~/x, and there is no home",
            ),
            (
                Settings::new().ca_certs(&pki.root).client_key("/x"),
                "key in /etc/clouds.yaml is set without cert;",
            ),
        ] {
            let error = cloud(settings).unwrap_err();
            assert!(error.starts_with(said), "{error}");
        }
        assert_eq!(server.connections(), 1);
    });
}
