//! Stores of which something is told: what is skipped, what is there once more, what is passed over.

use super::page::Page;
use std::fs;

pub(super) fn say(page: &mut Page) {
    page.head("## Stores that can be used");
    let directory = page.pki.directory().to_owned();
    let root = fs::read_to_string(&page.pki.root).unwrap();
    let damaged = "-----BEGIN CERTIFICATE-----\nno base64 at all!\n-----END CERTIFICATE-----\n";
    fs::write(directory.join("damaged.pem"), format!("{damaged}{root}")).unwrap();
    let open = format!("-----BEGIN CERTIFICATE-----\n!\n{root}");
    fs::write(directory.join("open.pem"), open).unwrap();
    page.case("One certificate is damaged", 0, "diff root.pem damaged.pem");
    page.case("One certificate does not end", 0, "diff root.pem open.pem");
    page.case("The same, explained", 0, "explain --ca-certs damaged.pem");
    page.case("There is no certificate of such a name", 1, "list --ca-certs root.pem nobody");
    let at = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let list = format!("{}:{}", at("one.d"), at("good.d"));
    page.case_with(
        "A directory of a list is not there",
        0,
        "diff root.pem",
        &[("SSL_CERT_DIR", &list)],
    );
    let (file, none) = (at("root.pem"), at("none.d"));
    let set = [("SSL_CERT_FILE", &*file), ("SSL_CERT_DIR", &*none)];
    page.case_with(
        "A directory with nothing in it, beside a file that is right",
        2,
        "explain",
        &set,
    );
}
