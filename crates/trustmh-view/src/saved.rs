//! Files that are sent while they are written, so that none is ever in memory as a whole.

use axum::body::Body;
use futures_util::stream;
use std::io::{self, BufWriter, Write};
use tokio::sync::mpsc::{Sender, channel};

use crate::error::ViewError;

/// Bytes in a piece.
const PIECE: usize = 64 * 1024;
/// Pieces that wait for whoever reads.
const WAITING: usize = 8;

type Piece = Result<Vec<u8>, ViewError>;

/// Hands pieces on to whoever reads.
struct Pieces(Sender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(bytes.to_vec())).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body that `write` writes. An error before the first piece is an error; one after it breaks the connection off, so that what came is
/// not taken for the whole.
pub(crate) async fn written(
    write: impl FnOnce(&mut BufWriter<Box<dyn Write + Send>>) -> Result<(), ViewError> + Send + 'static,
) -> Result<Body, ViewError> {
    let (sender, mut pieces) = channel::<Piece>(WAITING);
    tokio::task::spawn_blocking(move || {
        let faults = sender.clone();
        let pieces: Box<dyn Write + Send> = Box::new(Pieces(sender));
        let mut out = BufWriter::with_capacity(PIECE, pieces);
        let flushed = write(&mut out).and_then(|()| {
            out.flush().map_err(|error| ViewError::Broken {
                what: "the file".to_owned(),
                why: error.to_string(),
            })
        });
        if let Err(error) = flushed {
            // Nobody reads any more where this fails.
            let _ = faults.blocking_send(Err(error));
        }
    });
    let first = match pieces.recv().await {
        None => return Ok(Body::empty()),
        Some(piece) => piece?,
    };
    let rest = stream::unfold((Some(Ok(first)), pieces), async |(first, mut pieces)| {
        let piece = match first {
            Some(first) => Some(first),
            None => pieces.recv().await,
        };
        piece.map(|piece| {
            (piece.map_err(|error| io::Error::other(error.to_string())), (None, pieces))
        })
    });
    Ok(Body::from_stream(rest))
}
