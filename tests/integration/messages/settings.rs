//! Settings that cannot be used: of the store, of the configuration file, of a client certificate.

use super::page::Page;
use crate::support::minica::Minica;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs;

pub(super) fn say(page: &mut Page) {
    page.head("## Settings");
    arguments(page);
    variables(page);
    configuration(page);
    config_set(page);
    client_certificate(page);
    others(page);
}

fn arguments(page: &mut Page) {
    page.head("### The store that an argument names");
    let directory = page.pki.directory();
    for name in ["none.d", "good.d"] {
        fs::create_dir(directory.join(name)).unwrap();
    }
    fs::copy(&page.pki.root, directory.join("good.d/root.pem")).unwrap();
    fs::write(directory.join("empty.pem"), "").unwrap();
    fs::write(directory.join("page.html"), "<!DOCTYPE html>\n<p>Not here.\n").unwrap();
    page.pki.garbage();
    let identity = page.pki.server();
    fs::copy(identity.key, directory.join("key-only.pem")).unwrap();
    let text = fs::read_to_string(&page.pki.root).unwrap();
    fs::write(directory.join("cut.pem"), &text[..text.len() / 2]).unwrap();
    std::os::unix::fs::symlink("nowhere.pem", directory.join("link.pem")).unwrap();
    let der = CertificateDer::from_pem_file(&page.pki.root).unwrap();
    fs::write(directory.join("root.der"), &der).unwrap();
    fs::write(directory.join("root.pem.gz"), b"\x1f\x8b\x08\0\0\0\0\0\0\x03").unwrap();
    fs::write(directory.join("root.jks"), b"\xfe\xed\xfe\xed\0\0\0\x02").unwrap();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(directory.join("wide.txt"), [b"\xff\xfe", &wide[..]].concat()).unwrap();
    for (cause, name) in [
        ("There is nothing", "missing.pem"),
        ("A link that leads nowhere", "link.pem"),
        ("An empty file", "empty.pem"),
        ("A file with something else", "page.html"),
        ("A certificate that is not PEM", "root.der"),
        ("What is compressed", "root.pem.gz"),
        ("A key store of Java", "root.jks"),
        ("PEM in UTF-16", "wide.txt"),
        ("A private key, and no certificate", "key-only.pem"),
        ("A certificate that is damaged", "garbage.pem"),
        ("A certificate that is cut off", "cut.pem"),
        ("A directory with nothing in it", "none.d"),
        ("What is no file", "/dev/null"),
    ] {
        page.case(cause, 2, &format!("path --ca-certs {name}"));
    }
    page.case("The same for `check`", 2, "check --ca-certs missing.pem localhost:1");
    page.case("The same for `check`, of a link", 2, "check --ca-certs link.pem localhost:1");
    page.case("The same for `explain`", 2, "explain --ca-certs missing.pem");
    page.case("The same of one to add", 2, "path --ca-certs root.pem --extra-ca-certs missing.pem");
}

fn variables(page: &mut Page) {
    page.head("### The store that a variable names");
    for (cause, variable, value) in [
        ("There is nothing", "SSL_CERT_FILE", "/dir/missing.pem"),
        ("A directory in the place of a file", "SSL_CERT_FILE", "/dir/good.d"),
        ("A relative path", "SSL_CERT_FILE", "missing.pem"),
        ("A file in the place of a directory", "SSL_CERT_DIR", "/dir/root.pem"),
        ("No directory of a list is there", "SSL_CERT_DIR", "/dir/one.d:/dir/two.d"),
        (
            "None of a long list is of use",
            "SSL_CERT_DIR",
            "/dir/none.d:/dir/1:/dir/2:/dir/3:/dir/4",
        ),
        ("An empty directory", "SSL_CERT_DIR", "/dir/none.d"),
        ("An empty directory in the place of a file", "SSL_CERT_FILE", "/dir/none.d"),
        ("An empty file in the place of a directory", "SSL_CERT_DIR", "/dir/empty.pem"),
        ("OpenStack's variable", "OS_CACERT", "/dir/missing.pem"),
    ] {
        let value = value.replace("/dir", page.pki.directory().to_str().unwrap());
        page.case_with(cause, 2, "path", &[(variable, &value)]);
    }
}

fn configuration(page: &mut Page) {
    page.head("### The configuration file");
    page.case("One that is named and not there", 2, "path --config missing.toml");
    page.case("One that is a directory", 2, "path --config none.d");
    for (cause, text) in [
        ("It names a store that is not there", "ca_certs = \"/nowhere/ca.pem\"\n"),
        ("It names a store by a relative path", "ca_certs = \"ca.pem\"\n"),
        ("A key that is almost one", "verify = true\nca_cert = \"/x\"\n"),
        ("A key of something else", "[global]\nca_certs = \"/x\"\n"),
        ("A word in the place of true and false", "verify = \"false\"\n"),
        ("A TLS version that is too old", "min_tls_version = \"1.1\"\n"),
    ] {
        page.configure(text);
        let text = text.trim_end().replace('\n', "`, `");
        page.case(&format!("{cause}, as in `{text}`"), 2, "path");
    }
    page.configure("");
}

fn config_set(page: &mut Page) {
    page.head("### `config`");
    for (cause, code, typed) in [
        ("A key that is none", 2, "config set ca_cert /x"),
        ("A relative path", 2, "config set ca_certs ca.pem"),
        ("A word in the place of true and false", 2, "config set verify no"),
        ("A TLS version that is too old", 2, "config set min_tls_version 1.1"),
        ("What is not set", 1, "config get client_cert"),
        ("What is not set, to be unset", 1, "config unset ca_certs"),
        ("A store that is not there yet", 0, "config set ca_certs /nowhere/ca.pem"),
        ("A key without a certificate", 0, "config set client_key /nowhere/client.key"),
    ] {
        page.case(cause, code, typed);
    }
    page.configure("");
    let garbage = page.pki.garbage();
    let typed = format!("config set ca_certs {}", garbage.display());
    page.case("A store that cannot be used", 2, &typed);
}

fn client_certificate(page: &mut Page) {
    page.head("### The client certificate");
    page.pki.client();
    page.pki.file("encrypted.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n");
    let minica = Minica::new();
    for (name, key) in [
        ("p521", "EC -pkeyopt ec_paramgen_curve:P-521"),
        ("short", "RSA -pkeyopt rsa_keygen_bits:1024"),
        ("ed448", "ED448"),
    ] {
        let files = minica.issue_signed(name, key, "");
        for file in [files.certificate, files.key] {
            page.pki.file(
                file.file_name().unwrap().to_str().unwrap(),
                &fs::read_to_string(&file).unwrap(),
            );
        }
    }
    let url = "https://localhost:1/";
    for (cause, arguments) in [
        ("There is no such file", "--cert missing.pem"),
        ("A certificate, and no key", "--cert client.pem"),
        ("A key, and no certificate", "--key client.key"),
        ("The key of another", "--cert client.pem --key server.key"),
        ("A key that is encrypted", "--cert client.pem --key encrypted.key"),
        ("A directory", "--cert none.d"),
        ("A certificate where the key should be", "--cert client.pem --key client.pem"),
        ("A key where the certificate should be", "--cert client.key --key client.key"),
        ("An empty file", "--cert empty.pem --key client.key"),
        ("A certificate that is not PEM", "--cert root.der --key client.key"),
        ("A key that ring does not sign with", "--cert p521.pem --key p521.key"),
        ("A key that is too short", "--cert short.pem --key short.key"),
        ("A key that nobody here signs with", "--cert ed448.pem --key ed448.key"),
    ] {
        page.case(cause, 2, &format!("get --ca-certs root.pem {arguments} {url}"));
    }
    let typed = format!("get --ca-certs root.pem {url}");
    let missing = page.pki.missing();
    page.configure(&format!("client_cert = {missing:?}\nclient_key = {missing:?}\n"));
    page.case("The configuration names what is not there", 2, &typed);
    page.configure("");
}

fn others(page: &mut Page) {
    page.head("### Other arguments");
    for (cause, typed) in [
        ("No address of HTTP", "get localhost"),
        ("No server", "check http://localhost/"),
        ("A port that is none", "check localhost:https"),
        ("Two ports", "check localhost:1 2"),
        ("Two protocols", "check --starttls imap smtp://localhost"),
        ("A name that is none", "check --server-name a..b localhost:1"),
        ("No store to compare with", "diff root.pem missing.pem"),
        ("What is no store to compare with", "diff root.pem garbage.pem"),
        ("Compared where nothing is verified", "diff root.pem -k"),
        ("Three to compare", "diff root.pem other.pem --ca-certs root.pem"),
    ] {
        page.case(cause, 2, typed);
    }
}
