//! tonic with rustls-native-certs. It has its answer when the connection stands.

use tonic::transport::{ClientTlsConfig, Endpoint};

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        stacks::block_on(async {
            let tls = ClientTlsConfig::new().with_native_roots();
            Endpoint::from_shared(address.to_owned())?.tls_config(tls)?.connect().await?;
            Ok("200".to_owned())
        })
    })
}
