//! A GET with the same client, which trusts embedded roots.

use cacerts_benches::{client, port, report, roots};
use std::io::Read;

fn main() {
    let url = format!("https://127.0.0.1:{}/", port());
    report(|| {
        let client = client::agent(roots::config(roots::embedded_with_ours()));
        let response = client.get(&url).call().unwrap();
        assert_eq!(response.status(), 200);
        let mut page = Vec::new();
        response.into_body().into_reader().read_to_end(&mut page).unwrap();
        (client, page)
    });
}
