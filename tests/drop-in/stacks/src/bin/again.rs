//! rustls with rustls-platform-verifier, once for many handshakes: `again ADDRESS verifier|config [ROOT]`
//! makes one for each line that it reads, and writes what came of it. A ROOT, as DER, is trusted in
//! addition. `again ADDRESS list` writes how long the list of webpki-roots is.

use platform_verifier_0_7::{ConfigVerifierExt, Verifier};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        let root = env::args().nth(3).map(std::fs::read).transpose()?.map(CertificateDer::from);
        let config = Arc::new(match env::args().nth(2).as_deref() {
            Some("config") => ClientConfig::with_platform_verifier()?,
            Some("verifier") => {
                let builder = ClientConfig::builder();
                let provider = Arc::clone(builder.crypto_provider());
                let verifier = Verifier::new_with_extra_roots(root, provider)?;
                let builder = builder.dangerous();
                builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
            }
            Some("list") => {
                let count = |_| println!("{}", roots_1::TLS_SERVER_ROOTS.len());
                std::io::stdin().lines().for_each(count);
                return Ok(String::new());
            }
            _ => return Err("usage: again ADDRESS verifier|config|list [ROOT]".into()),
        });
        for line in std::io::stdin().lines() {
            line?;
            match handshake(address, &config) {
                Ok(HandshakeKind::Resumed) => println!("resumed"),
                Ok(_) => println!("yes"),
                Err(error) => println!("{error}"),
            }
        }
        Ok(String::new())
    })
}

fn handshake(address: &str, config: &Arc<ClientConfig>) -> Result<HandshakeKind, Box<dyn Error>> {
    let (host, address) = stacks::socket(address);
    let connection = ClientConnection::new(Arc::clone(config), host.to_owned().try_into()?)?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    // To the end, behind which there are no more tickets to come.
    stream.read_to_end(&mut Vec::new())?;
    stream.conn.handshake_kind().ok_or_else(|| "there was no handshake".into())
}
