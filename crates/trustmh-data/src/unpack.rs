//! Archives from elsewhere are unpacked within bounds: by what they say of their sizes, before anything is read, and by what really comes
//! out, for what they say is no promise.

use std::io::{Cursor, Read, sink};
use zip::ZipArchive;

/// What may come out of an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of all members together.
    pub(crate) total: u64,
    /// Bytes of one member.
    pub(crate) member: u64,
    /// So many times the archive's own length, at the most; text packs to less than that.
    pub(crate) ratio: u64,
    /// Below so many bytes the ratio does not matter.
    pub(crate) small: u64,
}

impl Bounds {
    /// What may come out of an archive of so many bytes.
    fn of(self, packed: usize) -> u64 {
        let packed = u64::try_from(packed).unwrap_or(u64::MAX);
        self.total.min(packed.saturating_mul(self.ratio).max(self.small))
    }
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// More would come out than is taken.
    #[error("{what} unpacks to more than {most} bytes, which is more than is read of it")]
    TooMuch {
        /// The archive, or a member's name.
        what: String,
        /// The most that is taken.
        most: u64,
    },
    /// It is broken.
    #[error("{0}")]
    Broken(#[from] zip::result::ZipError),
    /// A member is broken.
    #[error("{member}: {source}")]
    Member {
        /// Its name.
        member: String,
        /// What the unpacking says.
        source: std::io::Error,
    },
}

/// An archive whose sizes are within bounds, as far as it says.
pub(crate) struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    bounds: Bounds,
    most: u64,
    left: u64,
}

impl<'b> Archive<'b> {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`UnpackError`] for what is no archive, or says that more comes out of it than `bounds` allow.
    pub(crate) fn open(bytes: &'b [u8], bounds: Bounds) -> Result<Self, UnpackError> {
        let mut zip = ZipArchive::new(Cursor::new(bytes))?;
        let most = bounds.of(bytes.len());
        let mut told: u64 = 0;
        for place in 0..zip.len() {
            let entry = zip.by_index_raw(place)?;
            told = told.saturating_add(entry.size());
            if entry.size() > bounds.member {
                let what = entry.name().map(|name| name.into_owned()).unwrap_or_default();
                return Err(UnpackError::TooMuch { what, most: bounds.member });
            }
            if told > most {
                return Err(UnpackError::TooMuch { what: "the archive".to_owned(), most });
            }
        }
        Ok(Self { zip, bounds, most, left: most })
    }

    /// The names of all members that have one.
    pub(crate) fn names(&self) -> Vec<String> {
        self.zip.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect()
    }

    /// The bytes of a member.
    ///
    /// # Errors
    /// [`UnpackError`] for a member that is not there or broken, and for more bytes than are taken.
    pub(crate) fn member(&mut self, name: &str) -> Result<Vec<u8>, UnpackError> {
        let most = self.bounds.member.min(self.left);
        let entry = self.zip.by_name(name)?;
        let mut bytes = Vec::new();
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        let read =
            read.map_err(|source| UnpackError::Member { member: name.to_owned(), source })?;
        self.spend(name, read as u64, most)?;
        Ok(bytes)
    }

    fn spend(&mut self, name: &str, read: u64, most: u64) -> Result<(), UnpackError> {
        if read > most {
            let (what, most) = if most < self.bounds.member {
                ("the archive".to_owned(), self.most)
            } else {
                (name.to_owned(), most)
            };
            return Err(UnpackError::TooMuch { what, most });
        }
        self.left -= read;
        Ok(())
    }

    /// Unpacks all members once and keeps nothing: for readers that do not look at what comes out.
    ///
    /// # Errors
    /// [`UnpackError`] for more bytes than are taken, and for broken members.
    pub(crate) fn weigh(mut self) -> Result<(), UnpackError> {
        for place in 0..self.zip.len() {
            let most = self.bounds.member.min(self.left);
            let entry = self.zip.by_index(place)?;
            let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
            let read = std::io::copy(&mut entry.take(most + 1), &mut sink());
            let read =
                read.map_err(|source| UnpackError::Member { member: name.clone(), source })?;
            self.spend(&name, read, most)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const SMALL: Bounds = Bounds { total: 1 << 20, member: 1 << 16, ratio: 100, small: 1 << 10 };

    fn packed(members: &[(&str, usize)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, length) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(&vec![b'A'; *length]).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn fault(bytes: &[u8]) -> String {
        Archive::open(bytes, SMALL).err().unwrap().to_string()
    }

    #[test]
    fn what_an_archive_says_of_its_sizes_is_asked_first() {
        assert!(
            fault(&packed(&[("large", 1 << 17)]))
                .starts_with("large unpacks to more than 65536 bytes")
        );
        let many = [("a", 60_000), ("b", 60_000), ("c", 60_000)];
        assert!(fault(&packed(&many)).starts_with("the archive unpacks to more than"));
        let fine = packed(&[("a", 900)]);
        assert_eq!(Archive::open(&fine, SMALL).unwrap().member("a").unwrap().len(), 900);
    }

    #[test]
    fn an_archive_that_lies_is_stopped_when_more_comes_out() {
        let mut lying = packed(&[("large", 1 << 17)]);
        // The size stands in the member's own head and in the list at the end.
        let said = u32::to_le_bytes(1 << 17);
        let mut places: Vec<usize> = lying
            .windows(4)
            .enumerate()
            .filter(|(_, four)| *four == said)
            .map(|(at, _)| at)
            .collect();
        assert!(!places.is_empty());
        for at in places.drain(..) {
            lying[at..at + 4].copy_from_slice(&u32::to_le_bytes(100));
        }
        let mut archive = Archive::open(&lying, SMALL).unwrap();
        assert!(archive.member("large").is_err());
        assert!(Archive::open(&lying, SMALL).unwrap().weigh().is_err());
    }
}
