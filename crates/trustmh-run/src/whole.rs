//! Files that are written whole or not at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::error::RunError;

/// Writes `bytes` to a file beside `path` and moves it into place once the disk keeps it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let mut scratch = path.as_os_str().to_owned();
    scratch.push(".new");
    let scratch = Path::new(&scratch);
    let mut file = fs::File::create(scratch).map_err(RunError::io(scratch, "creating"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(RunError::io(scratch, "writing"))?;
    fs::rename(scratch, path).map_err(RunError::io(path, "moving into place"))
}
