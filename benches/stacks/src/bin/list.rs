//! What rustls-native-certs gives out, and no more: how many certificates.

fn main() {
    println!("{}", rustls_native_certs::load_native_certs().expect("the store is of use").len());
}
