//! Signatures of runs that leave the house: Ed25519 (RFC 8032) over the bytes of the seal, which stands for the whole record.
//!
//! Keys are PEM files as OpenSSL makes them (PKCS#8, RFC 8410), the signature is its 64 bytes, so that others can check it, too:
//! `openssl pkeyutl -verify -pubin -inkey KEY.pub -rawin -in seal.json -sigfile seal.sig`.

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::atomic_file;
use crate::error::RunError;
use crate::journal::{SEAL_FILE, SealFile};

/// The file's name inside a run's folder.
pub const SIGNATURE_FILE: &str = "seal.sig";

/// A new key: the private and the public half, as PEM.
#[derive(Debug)]
pub struct NewKey {
    /// What signs.
    pub private: SecretString,
    /// What others check by.
    pub public: String,
}

impl NewKey {
    /// The key that these 32 random bytes are.
    ///
    /// # Errors
    /// [`RunError::Seal`] if it cannot be written as PEM.
    pub fn of(random: &[u8; 32]) -> Result<Self, RunError> {
        let key = SigningKey::from_bytes(random);
        let failed = |message: String| RunError::Seal { path: PathBuf::from("key"), message };
        let private =
            key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(error.to_string()))?;
        let public = key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { private: SecretString::from(private.as_str()), public })
    }
}

/// Signs the seal of the run in `folder` with a private key in PEM; `key_file` names it in errors.
///
/// # Errors
/// [`RunError::Seal`] for a run without a seal and for a key that cannot be used, [`RunError::Io`].
pub fn sign(folder: &Path, key: &SecretString, key_file: &Path) -> Result<PathBuf, RunError> {
    let (_, bytes) = SealFile::read(folder)?.ok_or_else(|| RunError::Seal {
        path: folder.to_owned(),
        message: "there is no seal to sign".to_owned(),
    })?;
    let path = folder.join(SIGNATURE_FILE);
    atomic_file::write(&path, &signature_of(&bytes, key, key_file)?)?;
    Ok(path)
}

/// The signature of a seal's bytes by a private key in PEM; `key_file` names it in errors. The same key signs the same bytes the same.
///
/// # Errors
/// [`RunError::Seal`] for a key that cannot be used.
pub fn signature_of(
    seal: &[u8],
    key: &SecretString,
    key_file: &Path,
) -> Result<[u8; 64], RunError> {
    let key = SigningKey::from_pkcs8_pem(key.expose_secret()).map_err(|_| RunError::Seal {
        path: key_file.to_owned(),
        message: "this is no private Ed25519 key in PEM (`trustmh seal --new-key FILE` makes one, `openssl genpkey -algorithm ed25519` too)"
            .to_owned(),
    })?;
    Ok(key.sign(seal).to_bytes())
}

/// Whether the seal of the run in `folder` is signed by the owner of a public key in PEM; `key_file` names it in errors.
///
/// # Errors
/// [`RunError::Seal`] for a key that cannot be used, [`RunError::Io`].
pub fn is_signed_by(folder: &Path, key: &str, key_file: &Path) -> Result<Signed, RunError> {
    let key = VerifyingKey::from_public_key_pem(key).map_err(|_| RunError::Seal {
        path: key_file.to_owned(),
        message: "this is no public Ed25519 key in PEM".to_owned(),
    })?;
    let path = folder.join(SIGNATURE_FILE);
    let signature = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Signed::ByNobody),
        Err(error) => return Err(RunError::io(&path, "reading")(error)),
    };
    let seal = folder.join(SEAL_FILE);
    let bytes = match fs::read(&seal) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Signed::NotByThisKey);
        }
        Err(error) => return Err(RunError::io(&seal, "reading")(error)),
    };
    let holds = Signature::from_slice(&signature)
        .is_ok_and(|signature| key.verify_strict(&bytes, &signature).is_ok());
    Ok(if holds { Signed::ByThisKey } else { Signed::NotByThisKey })
}

/// Who signed a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The owner of the key.
    ByThisKey,
    /// Somebody else, or the seal or the signature was changed.
    NotByThisKey,
    /// There is no signature.
    ByNobody,
}
