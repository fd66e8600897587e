//! The stores that are not the system's, made once and kept.

use crate::Result;
use cacerts_benches::pki;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    PublicKeyData, SignatureAlgorithm,
};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The sizes of bundles of distinct certificates.
pub(crate) const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

pub(crate) struct Data {
    directory: PathBuf,
}

impl Data {
    pub(crate) fn new(directory: PathBuf) -> Result<Self> {
        fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// A copy of the system's bundle with the local server's root in it.
    pub(crate) fn bundle_with_ours(&self, bundle: &Path) -> Result<PathBuf> {
        let path = self.directory.join("bundle.pem");
        fs::write(&path, fs::read_to_string(bundle)? + pki::ROOT_PEM)?;
        Ok(path)
    }

    /// The directory that the system's bundle is in, with that copy in its place; the path of the copy.
    /// The rest is links, so that what is one file there is one here.
    pub(crate) fn directory_with_ours(&self, bundle: &Path) -> Result<PathBuf> {
        let directory = self.directory.join("default");
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir(&directory)?;
        let (Some(system), Some(name)) = (bundle.parent(), bundle.file_name()) else {
            return Err(format!("{}: no file in a directory", bundle.display()).into());
        };
        for entry in fs::read_dir(system)? {
            let entry = entry?;
            if entry.file_name() != name {
                symlink(entry.path(), directory.join(entry.file_name()))?;
            }
        }
        let path = directory.join(name);
        fs::copy(self.bundle_with_ours(bundle)?, &path)?;
        Ok(path)
    }

    /// Bundles of the [`SIZES`].
    pub(crate) fn distinct(&self) -> Result<Vec<PathBuf>> {
        let path = |size| self.directory.join(format!("distinct-{size}.pem"));
        let all = SIZES.map(path).to_vec();
        if !all.iter().all(|path| path.exists()) {
            crate::say(&format!("making {} certificates", SIZES[SIZES.len() - 1]));
            let key = KeyPair::generate()?;
            let mut text = String::new();
            for number in 1..=SIZES[SIZES.len() - 1] {
                text.push_str(&root(number, &key)?);
                if SIZES.contains(&number) {
                    fs::write(path(number), &text)?;
                }
            }
        }
        Ok(all)
    }

    /// A directory of so many certificates, the local server's root among them, with links named as
    /// `openssl rehash` names them.
    pub(crate) fn hashed(&self, count: usize) -> Result<PathBuf> {
        let path = self.directory.join(format!("hashed-{count}"));
        let root_file = path.join("root.pem");
        if fs::read_to_string(&root_file).ok().as_deref() == Some(pki::ROOT_PEM) {
            return Ok(path);
        }
        crate::say(&format!("making a hashed directory of {count} files"));
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir(&path)?;
        let key = KeyPair::generate()?;
        for number in 1..count {
            fs::write(path.join(format!("{number}.pem")), root(number, &key)?)?;
        }
        fs::write(path.join("new.pem"), pki::ROOT_PEM)?;
        fs::rename(path.join("new.pem"), &root_file)?;
        let rehash = Command::new("openssl").arg("rehash").arg(&path).output()?;
        if !rehash.status.success() {
            fs::remove_file(root_file)?;
            return Err(
                format!("openssl rehash: {}", String::from_utf8_lossy(&rehash.stderr)).into()
            );
        }
        Ok(path)
    }
}

/// A root of the size of real ones, with a name and a key of its own. Nobody has that key, which
/// would take a second to make; the certificate is signed with one that all share.
fn root(number: usize, key: &KeyPair) -> Result<String> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "XX");
    params.distinguished_name.push(DnType::OrganizationName, "Benchmark Trust Services");
    params.distinguished_name.push(DnType::CommonName, format!("Benchmark Root {number:06}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::from_params(&params, key);
    let certificate = params.signed_by(&Modulus::of(number), &issuer)?;
    Ok(certificate.pem().replace("\r\n", "\n"))
}

/// What looks like a public RSA key of 4096 bits.
struct Modulus(Vec<u8>);

impl Modulus {
    fn of(number: usize) -> Self {
        let mut der = vec![0x30, 0x82, 0x02, 0x0a, 0x02, 0x82, 0x02, 0x01, 0x00];
        // Noise, so that no part of it is what another one has: a linear congruential generator.
        let mut state = number as u64;
        der.extend((0..512).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        }));
        der[9] |= 0x80;
        der[520] |= 1;
        der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        Self(der)
    }
}

impl PublicKeyData for Modulus {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}
