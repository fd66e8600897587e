//! Guesses where the system's store is, by a list that has directories and file names apart.

fn main() {
    println!("{:?}", openssl_probe::probe().cert_file);
}
