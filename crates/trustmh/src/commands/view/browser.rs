//! The user's browser.

use std::process::{Command, Stdio};

/// Opens `address` by the program that the system has for it. Whoever lists processes can see the address.
pub(super) fn open(address: &str) -> std::io::Result<()> {
    let mut command = opener(address);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut opening = command.spawn()?;
    // Nobody waits for the browser, but its process is taken leave of when it ends.
    std::thread::spawn(move || opening.wait());
    Ok(())
}

#[cfg(target_os = "macos")]
fn opener(address: &str) -> Command {
    let mut command = Command::new("open");
    command.arg(address);
    command
}

/// `start` takes its first quoted word for a title.
#[cfg(windows)]
fn opener(address: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", "start", "", address]);
    command
}

#[cfg(not(any(target_os = "macos", windows)))]
fn opener(address: &str) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(address);
    command
}
