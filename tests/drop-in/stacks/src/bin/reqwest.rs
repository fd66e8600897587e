//! reqwest as it comes, with ring.

fn main() -> std::process::ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    stacks::run(|address| {
        stacks::block_on(async {
            let client = reqwest::Client::builder().build()?;
            Ok(client.get(address).send().await?.status().as_str().to_owned())
        })
    })
}
