fn main() {
    // Empty where nothing is baked in.
    let store = std::env::var("DEP_CACERTS_DEFAULT_PATH").unwrap_or_default();
    println!("cargo::rustc-env=STORE={store}");
}
