//! native-tls, on OpenSSL, which asks openssl-probe 0.2.

use std::net::TcpStream;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        let (host, address) = stacks::socket(address);
        let connector = native_tls::TlsConnector::new()?;
        stacks::get(connector.connect(host, TcpStream::connect(address)?)?)
    })
}
