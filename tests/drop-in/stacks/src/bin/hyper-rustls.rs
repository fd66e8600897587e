//! hyper-rustls with rustls-native-certs.

use http_body_util::Empty;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        stacks::block_on(async {
            let https = HttpsConnectorBuilder::new().with_native_roots()?;
            let connector = https.https_or_http().enable_http1().build();
            let client = Client::builder(TokioExecutor::new())
                .build::<_, Empty<std::io::Cursor<Vec<u8>>>>(connector);
            Ok(client.get(address.parse()?).await?.status().as_str().to_owned())
        })
    })
}
