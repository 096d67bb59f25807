//! The service's secret: the root of every key that it derives.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret of at least 32 bytes. It has no `Debug`, so that it reaches no log.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// The fewest bytes of a secret that is given.
    pub const MIN_LENGTH: usize = 32;

    /// A secret that the operator set; the error says what is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if text.len() < Self::MIN_LENGTH {
            return Err(format!(
                "the secret has {} bytes, it needs at least 32",
                text.len()
            ));
        }
        Ok(Self(text.as_bytes().to_vec()))
    }

    /// The secret in this file; on first use it is generated and the file made, with mode 0600.
    pub fn load_or_generate(path: &Path) -> io::Result<Self> {
        match Self::load(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::generate(path),
            loaded => loaded,
        }
    }

    /// The secret in this file.
    pub fn load(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path)?;
        Self::from_text(text.trim()).map_err(io::Error::other)
    }

    /// The secret itself, for a backup.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    fn generate(path: &Path) -> io::Result<Self> {
        let text = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        // Written beside and renamed, so that a killed first start leaves no half secret.
        let partial = path.with_extension("partial");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        Self::from_text(&text).map_err(io::Error::other)
    }

    /// A key for one purpose: HMAC-SHA256 under the secret of the purpose and a salt. Other purposes and
    /// other salts give unrelated keys.
    pub fn derive(&self, purpose: &str, salt: &[u8]) -> [u8; 32] {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(salt);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_generated_secret_is_kept_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let first = SecretKey::load_or_generate(&path).unwrap();
        let second = SecretKey::load_or_generate(&path).unwrap();
        assert_eq!(first.derive("p", b""), second.derive("p", b""));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn keys_for_other_purposes_are_unrelated() {
        let secret = SecretKey::from_text(&"x".repeat(32)).unwrap();
        assert_ne!(secret.derive("ab", b"c"), secret.derive("a", b"bc"));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(SecretKey::from_text("too short").is_err());
    }
}
