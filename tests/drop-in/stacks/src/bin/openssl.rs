//! OpenSSL by itself, which openssl-probe 0.1 tells where to look.

use openssl::ssl::{SslConnector, SslMethod};
use std::net::TcpStream;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        // SAFETY: there is no other thread.
        unsafe { probe_0_1::init_openssl_env_vars() };
        let (host, address) = stacks::socket(address);
        let connector = SslConnector::builder(SslMethod::tls())?.build();
        stacks::get(connector.connect(host, TcpStream::connect(address)?)?)
    })
}
