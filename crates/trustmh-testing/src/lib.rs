//! The shared folder beside the project: published data and recorded outputs that are no part of it.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The path below `../shared`; none, with a line that says so, where that folder is not there.
///
/// With `CI=true` its absence fails the test. The line goes past the test runner, which would keep it to
/// itself; `scripts/check` counts such lines.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        return Some(folder.join(path));
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared is not here: {test}");
    // In one piece and on a line of its own, for tests run side by side.
    let line = format!("\nskipped, ../shared is not here: {test}\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
    None
}
