//! The label schemes and rating scales by which items are checked: those built in, and those of a folder.

use include_dir::{Dir, include_dir};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use trustmh_core::codebook::{Codebook, CodebookError, LABELS, LabelScheme, SCALES};
use trustmh_core::id::SchemeName;

use crate::error::{DataError, Place};

static SCHEMES_BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../benchmark/labels");
static SCALES_BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../benchmark/scales");

static BUILT_IN: LazyLock<Arc<Codebook>> = LazyLock::new(|| Arc::new(embedded()));

/// The schemes and scales that are built in.
pub fn built_in() -> &'static Arc<Codebook> {
    &BUILT_IN
}

#[expect(clippy::expect_used, reason = "these files are part of the program; a test reads them")]
fn embedded() -> Codebook {
    let mut codebook = Codebook::default();
    for (kind, folder) in [(LABELS, &SCHEMES_BUILT_IN), (SCALES, &SCALES_BUILT_IN)] {
        for file in folder.files() {
            let name = file.path().to_string_lossy();
            let text = file.contents_utf8().expect("a scheme or scale is text");
            codebook.add(&format!("{kind}/{name}"), text).expect("one that is built in");
        }
    }
    codebook
}

/// A scheme that is built in, for readers of published sets.
#[expect(
    clippy::expect_used,
    reason = "readers name schemes that are built in; a test asks for each"
)]
pub(crate) fn scheme(name: &str) -> &'static LabelScheme {
    BUILT_IN.scheme(&SchemeName::new(name)).expect("a scheme that is built in")
}

/// Those built in, with the files in `labels/` and `scales/` of a folder added or in the place of those of their name.
pub(crate) fn with_folder(folder: &Path) -> Result<Arc<Codebook>, DataError> {
    let mut codebook = Codebook::clone(built_in());
    for kind in [LABELS, SCALES] {
        let folder = folder.join(kind);
        if !folder.is_dir() {
            continue;
        }
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| DataError::Unreadable { path, source }
        };
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let path = entry.map_err(unreadable(&folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".toml") {
                let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
                codebook.add(&format!("{kind}/{name}"), &text)?;
            }
        }
    }
    Ok(Arc::new(codebook))
}

impl From<CodebookError> for DataError {
    fn from(error: CodebookError) -> Self {
        let CodebookError { file, field, message } = error;
        let field = field.map_or_else(String::new, |field| format!("field `{field}`: "));
        Self::malformed(Place::file(&file), format!("{field}{message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::id::ScaleName;

    #[test]
    fn the_schemes_that_readers_name_are_built_in() {
        for name in ["posts", "depression", "suicide-risk", "crisis", "severity", "columbia"] {
            assert_eq!(scheme(name).name.as_str(), name);
        }
        assert_eq!(built_in().schemes().count(), SCHEMES_BUILT_IN.files().count());
        for file in SCALES_BUILT_IN.files() {
            let name = file.path().file_stem().unwrap().to_string_lossy();
            assert!(built_in().scale(&ScaleName::new(&*name)).is_some(), "{name}");
        }
    }
}
