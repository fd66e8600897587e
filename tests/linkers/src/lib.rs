//! For programs in C.

/// How many CAs are trusted; none where the store cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn trusted() -> usize {
    let store = cacerts::Settings::new().resolve().and_then(|resolution| resolution.load());
    store.map_or(0, |store| store.certificates().len())
}
