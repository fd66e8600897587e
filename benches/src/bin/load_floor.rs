//! The least that a bundle can cost that is read when it is opened: reading the file and doing nothing
//! with it, and a configuration with embedded roots.

use cacerts_benches::{argument, report, roots};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;

fn main() {
    let path = argument(1).unwrap();
    report(|| {
        let mut file = File::open(path).unwrap();
        let mut buffer = [0; 16 << 10];
        while file.read(&mut buffer).unwrap() != 0 {
            black_box(&buffer);
        }
        roots::config(roots::embedded())
    });
}
