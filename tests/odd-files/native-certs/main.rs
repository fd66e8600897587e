//! What rustls-native-certs makes of a file: writes its certificates into a directory, one a file, and says
//! whether there were errors.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let file = arguments.next().expect("a file with certificates");
    let into = arguments.next().expect("a directory to write to");

    let found = rustls_native_certs::load_certs_from_paths(Some(&file), None);
    for (number, certificate) in found.certs.iter().enumerate() {
        fs::write(into.join(format!("{number}.der")), certificate).unwrap();
    }
    println!("{}", !found.errors.is_empty());
}
