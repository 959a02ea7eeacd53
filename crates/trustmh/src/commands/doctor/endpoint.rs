//! Whether an endpoint takes connections.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Whether any of the addresses that the name stands for takes a connection; why not, if none does.
pub(super) fn connects(address: &str, timeout: Duration) -> Result<(), String> {
    let found = address.to_socket_addrs().map_err(|error| error.to_string())?;
    let mut why = "the name has no address".to_owned();
    for one in found {
        match TcpStream::connect_timeout(&one, timeout) {
            Ok(_) => return Ok(()),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}
