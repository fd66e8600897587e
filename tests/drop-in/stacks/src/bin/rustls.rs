//! rustls by itself: `rustls ADDRESS CRATE` trusts what that crate gives out.

use platform_verifier_0_6::BuilderVerifierExt;
use platform_verifier_0_7::ConfigVerifierExt;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::env;
use std::error::Error;
use std::net::TcpStream;
use std::sync::Arc;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        let (host, address) = stacks::socket(address);
        let name = env::args().nth(2).ok_or("usage: rustls ADDRESS CRATE")?;
        let config = Arc::new(config(&name)?);
        let connection = ClientConnection::new(config, host.to_owned().try_into()?)?;
        stacks::get(StreamOwned::new(connection, TcpStream::connect(address)?))
    })
}

fn config(name: &str) -> Result<ClientConfig, Box<dyn Error>> {
    let parsed = |certificates: Vec<CertificateDer<'static>>| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        roots
    };
    let roots = match name {
        "native-certs-0.6" => {
            parsed(native_certs_0_6::load_native_certs()?.into_iter().map(|c| c.0.into()).collect())
        }
        "native-certs-0.7" => parsed(native_certs_0_7::load_native_certs()?),
        "native-certs-0.8" => {
            let result = native_certs_0_8::load_native_certs();
            if let Some(error) =
                result.errors.into_iter().next().filter(|_| result.certs.is_empty())
            {
                return Err(error.into());
            }
            parsed(result.certs)
        }
        "roots-0.26" => RootCertStore { roots: roots_0_26::TLS_SERVER_ROOTS.into() },
        "roots-1" => RootCertStore { roots: roots_1::TLS_SERVER_ROOTS.to_vec() },
        "root-certs-0.26" => parsed(root_certs_0_26::TLS_SERVER_ROOT_CERTS.to_vec()),
        "root-certs-1" => parsed(root_certs_1::TLS_SERVER_ROOT_CERTS.iter().cloned().collect()),
        "platform-verifier-0.6" => {
            return Ok(ClientConfig::builder().with_platform_verifier()?.with_no_client_auth());
        }
        "platform-verifier-0.7" => return Ok(ClientConfig::with_platform_verifier()?),
        _ => return Err("there is no such crate".into()),
    };
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}
