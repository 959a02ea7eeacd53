//! What a program writes to its standard error, the end of it kept.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinHandle;

/// So many bytes are kept.
const KEPT: usize = 2048;
/// So many characters are shown.
const SHOWN: usize = 300;
/// How long is waited for what a program that ended has still written.
const PATIENCE: Duration = Duration::from_millis(200);

/// Reads a program's standard error for as long as it runs, so that it never waits for a reader.
#[derive(Debug)]
pub(super) struct LastWords {
    kept: Arc<Mutex<VecDeque<u8>>>,
    reading: Option<JoinHandle<()>>,
}

impl LastWords {
    /// Of the program behind this pipe.
    pub(super) fn of<R: AsyncRead + Unpin + Send + 'static>(pipe: Option<R>) -> Self {
        let kept = Arc::new(Mutex::new(VecDeque::with_capacity(KEPT)));
        let reading = pipe.map(|mut pipe| {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut chunk = [0; 1024];
                while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
                    let mut kept = kept.lock();
                    kept.extend(chunk.iter().take(read));
                    let over = kept.len().saturating_sub(KEPT);
                    kept.drain(..over);
                }
            })
        });
        Self { kept, reading }
    }

    /// The end of what was written, on one line; none if nothing was.
    pub(super) async fn last(self) -> Option<String> {
        if let Some(reading) = self.reading {
            // A child of the program may hold the pipe open; what is there by then is shown.
            let _ = tokio::time::timeout(PATIENCE, reading).await;
        }
        let mut kept = self.kept.lock();
        shown(&String::from_utf8_lossy(kept.make_contiguous()))
    }
}

/// The last characters of a text, on one line and without controls.
fn shown(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let over = line.chars().count().saturating_sub(SHOWN);
    let end: String = line.chars().skip(over).collect();
    match (end.is_empty(), over) {
        (true, _) => None,
        (false, 0) => Some(end),
        (false, _) => Some(format!("…{end}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_is_kept_however_much_is_written() {
        let written = format!("{}\u{1b}[31mTraceback\n  no such file\n", "x ".repeat(50_000));
        let words = LastWords::of(Some(std::io::Cursor::new(written.into_bytes())));
        let last = words.last().await.unwrap();
        assert!(last.starts_with('…') && last.ends_with("[31mTraceback no such file"), "{last}");
        assert!(last.chars().count() <= SHOWN + 1 && !last.contains('\u{1b}'));
        assert_eq!(LastWords::of(Some(std::io::Cursor::new(b" \n".to_vec()))).last().await, None);
        assert_eq!(LastWords::of(None::<tokio::io::Empty>).last().await, None);
    }
}
