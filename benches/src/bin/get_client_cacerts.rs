//! A GET with the client of cacerts, which trusts the bundle of the second argument.

use cacerts::{Client, Settings};
use cacerts_benches::{argument, port, report};
use std::io::Read;

fn main() {
    let path = argument(2).unwrap();
    let url = format!("https://127.0.0.1:{}/", port());
    report(|| {
        let client = Client::new(Settings::new().ca_certs(path));
        let mut response = client.get(&url).unwrap();
        assert_eq!(response.status(), 200);
        let mut page = Vec::new();
        response.read_to_end(&mut page).unwrap();
        (client, page)
    });
}
