//! Stores of every form, each with a CA that it trusts, and for some one that it rejects.

use crate::support::directory::Directory;
use crate::support::rejection::{Ca, distrusted, put, rejected};
use rcgen::ExtendedKeyUsagePurpose;
use std::fs;
use std::os::unix::fs::symlink;

/// Where a store is, and how a program is told.
pub(super) struct Scene {
    pub(super) directory: Directory,
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(&'static str, String)>,
    /// Its server is trusted.
    pub(super) trusted: Ca,
    /// Its server is not, because the store rejects it, though it also has it.
    pub(super) rejected: Option<Ca>,
}

impl Scene {
    fn new(write: impl FnOnce(&Directory, &Ca)) -> Self {
        let (directory, trusted) = (Directory::new(), Ca::root("The CA"));
        write(&directory, &trusted);
        Self { directory, arguments: vec![], variables: vec![], trusted, rejected: None }
    }

    fn rejecting(write: impl FnOnce(&Directory, &Ca, &Ca)) -> Self {
        let bad = Ca::root("The CA that is rejected");
        let scene = Self::new(|directory, trusted| write(directory, trusted, &bad));
        Self { rejected: Some(bad), ..scene }
    }

    fn by_argument(mut self, names: &[(&str, &str)]) -> Self {
        for (option, name) in names {
            let path = self.at(name);
            self.arguments.extend([(*option).to_owned(), path]);
        }
        self
    }

    fn by_variable(mut self, variable: &'static str, names: &[&str]) -> Self {
        let paths: Vec<_> = names.iter().map(|name| self.at(name)).collect();
        self.variables.push((variable, paths.join(":")));
        self
    }

    /// The directory itself has no name.
    fn at(&self, name: &str) -> String {
        let path =
            if name.is_empty() { self.directory.path.clone() } else { self.directory.at(name) };
        path.to_str().unwrap().to_owned()
    }
}

fn others() -> String {
    (0..3).map(|n| Ca::root(format!("Another CA {n}")).pem()).collect()
}

type Make = fn() -> Scene;

/// Each form, by its name in the table.
pub(super) fn all() -> Vec<(&'static str, Make)> {
    vec![
        ("a bundle", || {
            Scene::new(|d, ca| d.write("ca.pem", &(others() + &ca.pem() + &others())))
                .by_argument(&[("--ca-certs", "ca.pem")])
        }),
        ("a bundle, `SSL_CERT_FILE`", || {
            Scene::new(|d, ca| d.write("ca.pem", &(others() + &ca.pem())))
                .by_variable("SSL_CERT_FILE", &["ca.pem"])
        }),
        ("a bundle and an extra one", || {
            Scene::new(|d, ca| {
                d.write("ca.pem", &others());
                d.write("extra.pem", &ca.pem());
            })
            .by_argument(&[("--ca-certs", "ca.pem"), ("--extra-ca-certs", "extra.pem")])
        }),
        ("a bundle, by configuration", || {
            let mut scene = Scene::new(|d, ca| d.write("ca.pem", &(others() + &ca.pem())));
            let (config, ca) = (scene.directory.at("config.toml"), scene.directory.at("ca.pem"));
            fs::write(&config, format!("ca_certs = '{}'\n", ca.display())).unwrap();
            scene.arguments = vec!["--config".to_owned(), config.to_str().unwrap().to_owned()];
            scene
        }),
        ("a bundle, and a client's certificate", || {
            Scene::new(|d, ca| {
                d.write("ca.pem", &ca.pem());
                let (certificate, key) = ca.leaf(ExtendedKeyUsagePurpose::ClientAuth);
                d.write("client.pem", &certificate.pem());
                d.write("client.key", &key.serialize_pem());
            })
            .by_argument(&[
                ("--ca-certs", "ca.pem"),
                ("--cert", "client.pem"),
                ("--key", "client.key"),
            ])
        }),
        ("a bundle with a rejection", || {
            Scene::rejecting(|d, ca, bad| {
                d.write("ca.pem", &(others() + &bad.pem() + &ca.pem() + &rejected(bad)));
            })
            .by_argument(&[("--ca-certs", "ca.pem")])
        }),
        ("a bundle, and a rejection in another", || {
            Scene::rejecting(|d, ca, bad| {
                d.write("ca.pem", &(others() + &bad.pem() + &ca.pem()));
                d.write("extra.pem", &(others() + &rejected(bad)));
            })
            .by_argument(&[("--ca-certs", "ca.pem"), ("--extra-ca-certs", "extra.pem")])
        }),
        ("a p11-kit file", || {
            Scene::rejecting(|d, ca, bad| {
                let trusted = format!("[p11-kit-object-v1]\ntrusted: true\n{}", ca.pem());
                d.write("ca.p11-kit", &(distrusted(bad) + &trusted + &bad.pem()));
            })
            .by_argument(&[("--ca-certs", "ca.p11-kit")])
        }),
        ("a hashed directory", || {
            Scene::new(|d, ca| {
                d.write("ca.pem", &ca.pem());
                d.write("other.pem", &Ca::root("Another CA").pem());
                d.rehash();
            })
            .by_argument(&[("--ca-certs", "")])
        }),
        ("a hashed directory, `SSL_CERT_DIR`", || {
            Scene::new(|d, ca| put(d, 0, &ca.pem())).by_variable("SSL_CERT_DIR", &[""])
        }),
        ("a hashed directory with a rejection", || {
            Scene::rejecting(|d, ca, bad| {
                put(d, 0, &ca.pem());
                put(d, 0, &bad.pem());
                put(d, 1, &rejected(bad));
            })
            .by_argument(&[("--ca-certs", "")])
        }),
        ("two directories in `SSL_CERT_DIR`", || {
            let scene = Scene::rejecting(|d, ca, bad| {
                for name in ["1", "2"] {
                    fs::create_dir(d.at(name)).unwrap();
                }
                d.write("1/ca.pem", &(ca.pem() + &bad.pem()));
                d.write("2/bad.pem", &(Ca::root("Another CA").pem() + &rejected(bad)));
            });
            scene.by_variable("SSL_CERT_DIR", &["1", "2"])
        }),
        ("a plain directory", || {
            Scene::rejecting(|d, ca, bad| {
                d.write("1.pem", &Ca::root("Another CA").pem());
                d.write("2.pem", &(ca.pem() + &bad.pem()));
                fs::create_dir(d.at("below")).unwrap();
                d.write("below/3.pem", &rejected(bad));
                symlink("below/3.pem", d.at("3.pem")).unwrap();
            })
            .by_argument(&[("--ca-certs", "")])
        }),
    ]
}
