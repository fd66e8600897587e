//! tokio-tungstenite with rustls-native-certs. The server speaks no WebSocket, and says so when it is
//! trusted.

use tokio_tungstenite::tungstenite::Error;

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        stacks::block_on(async {
            let address = address.replace("http", "ws");
            match tokio_tungstenite::connect_async(address).await {
                Err(Error::Http(response)) => Ok(response.status().as_str().to_owned()),
                Err(error) => Err(error.into()),
                Ok(_) => Err("it is no WebSocket".into()),
            }
        })
    })
}
