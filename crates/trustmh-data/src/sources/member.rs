//! One file out of an archive from elsewhere.

use std::io::{Cursor, Read};

use super::SourceError;

/// Larger than any published file.
const LARGEST: u64 = 256 << 20;
/// What text packs to at the very most; a bomb does better.
const RATIO: u64 = 200;

/// The bytes of `member` in `archive`, whose name is for errors. An archive with names that lead out of it is refused whole.
pub(super) fn member(name: &str, archive: &[u8], member: &str) -> Result<Vec<u8>, SourceError> {
    let wrong = |message: String| SourceError::Archive { archive: name.to_owned(), message };
    let mut zip =
        zip::ZipArchive::new(Cursor::new(archive)).map_err(|error| wrong(error.to_string()))?;
    for place in 0..zip.len() {
        let entry = zip.by_index(place).map_err(|error| wrong(error.to_string()))?;
        if entry.enclosed_name().is_none() {
            let entry =
                entry.name().map(|name| name.escape_debug().to_string()).unwrap_or_default();
            return Err(wrong(format!("the entry `{entry}` leads out of the archive")));
        }
    }
    let entry = zip.by_name(member).map_err(|error| wrong(format!("`{member}`: {error}")))?;
    let (packed, told) = (entry.compressed_size().max(1), entry.size());
    let most = LARGEST.min(packed.saturating_mul(RATIO));
    let too_large =
        |size: u64| wrong(format!("`{member}` unpacks from {packed} to more than {size} bytes"));
    if told > most {
        return Err(too_large(most));
    }
    let mut bytes = Vec::new();
    // What an archive says of its sizes is no promise.
    entry
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(format!("`{member}`: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}
