//! The `cacerts` command.

fn main() {
    println!("{}", cacerts::defaults::CACERTS_DEFAULT_PATH.unwrap_or("none"));
}
