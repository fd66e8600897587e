//! A process that does nothing: what is subtracted.

fn main() {
    cacerts_benches::report(|| ());
}
