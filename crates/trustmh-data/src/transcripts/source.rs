//! A file as a stream of UTF-8, its bytes hashed on the way.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use encoding_rs::{Decoder, GB18030, UTF_16BE, UTF_16LE};
use trustmh_core::digest::{Digest, Hashing};

use crate::encoding::after_mark;
use crate::error::DataError;

/// So many bytes are looked at to find out what a file is.
const SAMPLE: u64 = 1 << 20;

/// So many bytes are decoded at a time.
const PIECE: usize = 64 << 10;

/// An opened file, and how it begins.
pub(super) struct Source {
    /// Its first bytes.
    pub(super) sample: Vec<u8>,
    rest: File,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Unreadable { path: path.to_owned(), source };
        let mut rest = File::open(path).map_err(unreadable)?;
        let mut sample = Vec::new();
        rest.by_ref().take(SAMPLE).read_to_end(&mut sample).map_err(unreadable)?;
        Ok(Self { sample, rest })
    }

    /// Whether the sample is the whole file.
    pub(super) fn is_whole(&self) -> bool {
        (self.sample.len() as u64) < SAMPLE
    }

    /// All bytes from the beginning on.
    pub(super) fn bytes(self) -> Hashed<impl Read> {
        Hashed { from: Cursor::new(self.sample).chain(self.rest), hashing: Hashing::default() }
    }
}

/// Bytes that are hashed as they are read.
pub(super) struct Hashed<R> {
    from: R,
    hashing: Hashing,
}

impl<R: Read> Hashed<R> {
    /// The hash of all bytes, those included that nobody asked for.
    pub(super) fn digest(mut self) -> io::Result<Digest> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hashing.end())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.hashing.add(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// How characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
}

impl Encoding {
    /// By the mark at the beginning, or by which of them most lines are valid in; none if that is neither.
    pub(super) fn of(sample: &[u8]) -> Option<Self> {
        if after_mark(sample).is_some() {
            return Some(Self::Utf8);
        }
        if sample.starts_with(b"\xFF\xFE") {
            return Some(Self::Utf16Le);
        }
        if sample.starts_with(b"\xFE\xFF") {
            return Some(Self::Utf16Be);
        }
        // The last line may be cut off, within a character.
        let whole =
            sample.iter().rposition(|byte| *byte == b'\n').map_or(sample.len(), |end| end + 1);
        let whole = sample.get(..whole).unwrap_or(sample);
        let is_sound = |line: &[u8]| match std::str::from_utf8(line) {
            Ok(_) => true,
            Err(fault) => fault.error_len().is_none(),
        };
        let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let (mut plain, mut sound, mut broken) = (0_usize, 0_usize, 0_usize);
        for line in lines {
            let kind = match (line.is_ascii(), is_sound(line)) {
                (true, _) => &mut plain,
                (false, true) => &mut sound,
                (false, false) => &mut broken,
            };
            *kind += 1;
        }
        if broken <= sound {
            return Some(Self::Utf8);
        }
        let (text, _, has_faults) = GB18030.decode(whole);
        if !has_faults && is_chinese(&text) {
            return Some(Self::Gb18030);
        }
        // Some broken lines are told one by one; with most of them broken it is the file.
        (broken <= plain + sound).then_some(Self::Utf8)
    }

    fn decoder(self) -> Option<Decoder> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le => Some(UTF_16LE.new_decoder_with_bom_removal()),
            Self::Utf16Be => Some(UTF_16BE.new_decoder_with_bom_removal()),
            Self::Gb18030 => Some(GB18030.new_decoder_without_bom_handling()),
        }
    }

    /// The sample in UTF-8.
    pub(super) fn text(self, sample: &[u8]) -> String {
        let mut text = String::new();
        let decoded = Decoded::new(sample, self).read_to_string(&mut text);
        match decoded {
            Ok(_) => text,
            // Not all lines are sound, or the last is cut off within a character.
            Err(_) => String::from_utf8_lossy(after_mark(sample).unwrap_or(sample)).into_owned(),
        }
    }
}

/// Whether most signs beyond ASCII stand side by side, as Chinese does. Letters with accents, taken for it, stand alone.
fn is_chinese(text: &str) -> bool {
    let (mut beside, mut alone) = (0_usize, 0_usize);
    for run in text.split(|sign: char| sign.is_ascii()).filter(|run| !run.is_empty()) {
        match run.chars().count() {
            1 => alone += 1,
            several => beside += several,
        }
    }
    beside > alone
}

/// A stream of UTF-8 out of one in another encoding. What is UTF-8 already passes as it is, sound or not.
pub(super) struct Decoded<R> {
    from: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(from: R, encoding: Encoding) -> Self {
        let decoder = encoding.decoder();
        Self { from, decoder, raw: vec![0; PIECE], text: Vec::new(), at: 0, ended: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return self.from.read(into) };
        while self.at >= self.text.len() && !self.ended {
            let count = self.from.read(&mut self.raw)?;
            self.ended = count == 0;
            let raw = self.raw.get(..count).unwrap_or_default();
            let most = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(PIECE * 4);
            self.text.resize(most, 0);
            let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.text.truncate(written);
            self.at = 0;
        }
        let ready = self.text.get(self.at..).unwrap_or_default();
        let count = ready.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_by_marks_and_by_what_is_valid() {
        let gbk = GB18030.encode("角色,内容\n用户,你好\n").0.into_owned();
        assert_eq!(Encoding::of(b"plain\n"), Some(Encoding::Utf8));
        assert_eq!(Encoding::of("角色,内容\n用户".as_bytes()), Some(Encoding::Utf8));
        assert_eq!(Encoding::of(&gbk), Some(Encoding::Gb18030));
        assert_eq!(Encoding::of(b"\xFF\xFEa\0"), Some(Encoding::Utf16Le));
        // One broken line among sound ones does not make the others another language.
        assert_eq!(Encoding::of("ä\nö\n\u{e9}\n".as_bytes()), Some(Encoding::Utf8));
        assert_eq!(Encoding::of(b"\xC3\xA4\n\xC3\xB6\n\xE9 \n"), Some(Encoding::Utf8));
        assert_eq!(Encoding::of(b"a\nb\n\xFF\n"), Some(Encoding::Utf8));
        // Latin-1: valid in neither, or only by accident.
        assert_eq!(Encoding::of(b"caf\xE9 \n"), None);
        assert_eq!(Encoding::of(b"d\xE9ja\n"), None);
        assert_eq!(Encoding::Gb18030.text(&gbk), "角色,内容\n用户,你好\n");
    }

    #[test]
    fn long_texts_are_decoded_piece_by_piece() {
        let text = "汉字\r\n".repeat(40_000);
        let mut bytes = b"\xFF\xFE".to_vec();
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let mut found = String::new();
        Decoded::new(bytes.as_slice(), Encoding::Utf16Le).read_to_string(&mut found).unwrap();
        assert_eq!(found, text);
    }
}
