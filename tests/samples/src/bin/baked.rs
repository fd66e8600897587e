//! Has the path of a store in it, by cacerts.

fn main() {
    match cacerts::client_config() {
        Ok(config) => println!("{:?}", config.alpn_protocols),
        Err(e) => println!("{e}"),
    }
}
