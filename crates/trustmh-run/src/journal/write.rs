//! Appending: a thread of its own takes lines, writes them in groups and answers when they are written.

use fd_lock::RwLock;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

use super::{Event, Extent, FORMAT, Line, Place};
use crate::error::RunError;

/// At most so long between writing a line and asking the disk to keep it.
const SYNC_EVERY: Duration = Duration::from_millis(200);
/// At most so many lines between two syncs.
const SYNC_LINES: usize = 256;

type Written = Result<u64, String>;

struct Append {
    bytes: Vec<u8>,
    written: oneshot::Sender<Written>,
}

/// The only writer of a run's journal, held by a lock on the file.
#[derive(Debug)]
pub struct Writer {
    queue: Sender<Append>,
    thread: JoinHandle<Result<(), std::io::Error>>,
    synced: watch::Receiver<u64>,
    path: PathBuf,
}

impl Writer {
    /// Opens the journal for appending after the good bytes of `extent`; a torn line is cut off.
    ///
    /// # Errors
    /// [`RunError::Locked`] if another process writes to the run or wrote to it since `extent` was
    /// read, [`RunError::Io`].
    pub fn open(path: &Path, extent: &Extent) -> Result<Self, RunError> {
        let (length, total) = (extent.good, extent.total);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(RunError::io(path, "opening for appending"))?;
        let (queue, appends) = channel();
        let (opened, ready) = channel();
        let (sync, synced) = watch::channel(length);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                let mut lock = RwLock::new(file);
                match lock.try_write() {
                    Ok(mut file) => {
                        if file.metadata().map_or(true, |now| now.len() != total) {
                            drop(opened.send(Err(None)));
                            return Ok(());
                        }
                        let begun = file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0)));
                        match begun {
                            Ok(_) => drop(opened.send(Ok(()))),
                            Err(error) => {
                                drop(opened.send(Err(Some(error))));
                                return Ok(());
                            }
                        }
                        serve(&mut file, length, &appends, &sync)
                    }
                    Err(_) => {
                        drop(opened.send(Err(None)));
                        Ok(())
                    }
                }
            })
            .map_err(RunError::io(path, "starting the journal's writer"))?;
        match ready.recv() {
            Ok(Ok(())) => Ok(Self { queue, thread, synced, path: path.to_owned() }),
            Ok(Err(Some(error))) => Err(RunError::io(path, "cutting off a torn line")(error)),
            Ok(Err(None)) => Err(RunError::Locked { path: folder_of(path) }),
            Err(_) => Err(RunError::WriterGone { message: "it did not start".to_owned() }),
        }
    }

    /// Appends events together; returns when they are handed to the operating system, so that they
    /// outlive this process, with where each of them stands.
    ///
    /// # Errors
    /// [`RunError::Io`] if the disk does not take them: the run must stop, for the record is the product.
    pub async fn append(&self, events: Vec<Event>) -> Result<Vec<Place>, RunError> {
        let mut bytes = Vec::new();
        let mut places = Vec::with_capacity(events.len());
        for event in events {
            let offset = bytes.len() as u64;
            serde_json::to_writer(&mut bytes, &Line { v: FORMAT, event }).map_err(|error| {
                RunError::Manifest { path: self.path.clone(), message: error.to_string() }
            })?;
            bytes.push(b'\n');
            let length =
                u32::try_from(bytes.len() as u64 - offset).map_err(|_| RunError::Manifest {
                    path: self.path.clone(),
                    message: "one event has over 4 GB".to_owned(),
                })?;
            places.push(Place { offset, length });
        }
        let (written, done) = oneshot::channel();
        let gone = |message: String| RunError::WriterGone { message };
        self.queue.send(Append { bytes, written }).map_err(|_| gone("queue closed".to_owned()))?;
        match done.await {
            Ok(Ok(start)) => {
                places.iter_mut().for_each(|place| place.offset += start);
                Ok(places)
            }
            Ok(Err(message)) => {
                let source = std::io::Error::other(message);
                Err(RunError::Io { path: self.path.clone(), action: "appending", source })
            }
            Err(_) => Err(gone("append was not answered".to_owned())),
        }
    }

    /// How many bytes of the journal the disk keeps, whatever happens to the machine.
    pub fn synced(&self) -> watch::Receiver<u64> {
        self.synced.clone()
    }

    /// Writes what is queued, syncs and releases the lock.
    ///
    /// # Errors
    /// [`RunError::Io`] if the last sync fails.
    pub fn close(self) -> Result<(), RunError> {
        drop(self.queue);
        match self.thread.join() {
            Ok(result) => result.map_err(RunError::io(&self.path, "syncing")),
            Err(_) => Err(RunError::WriterGone { message: "it panicked".to_owned() }),
        }
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn serve(
    file: &mut File,
    mut length: u64,
    appends: &Receiver<Append>,
    synced: &watch::Sender<u64>,
) -> Result<(), std::io::Error> {
    let mut unsynced = 0_usize;
    let mut last_sync = Instant::now();
    loop {
        let wait = if unsynced == 0 { Duration::from_secs(3600) } else { SYNC_EVERY };
        match appends.recv_timeout(wait) {
            Ok(first) => {
                let mut group = vec![first];
                group.extend(appends.try_iter().take(SYNC_LINES - 1));
                unsynced += group.len();
                write_group(file, &mut length, group);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                file.sync_data()?;
                synced.send_replace(length);
                return Ok(());
            }
        }
        if unsynced >= SYNC_LINES || (unsynced > 0 && last_sync.elapsed() >= SYNC_EVERY) {
            file.sync_data()?;
            synced.send_replace(length);
            unsynced = 0;
            last_sync = Instant::now();
        }
    }
}

/// Writes all lines of a group or none: a full disk must not leave half a line behind.
fn write_group(file: &mut File, length: &mut u64, group: Vec<Append>) {
    let bytes: Vec<u8> = group.iter().flat_map(|append| append.bytes.iter().copied()).collect();
    match file.write_all(&bytes) {
        Ok(()) => {
            for append in group {
                let offset = *length;
                *length += append.bytes.len() as u64;
                // A caller that went away no longer needs the answer.
                drop(append.written.send(Ok(offset)));
            }
        }
        Err(error) => {
            let cut = file.set_len(*length).and_then(|()| file.seek(SeekFrom::End(0)));
            let message = match cut {
                Ok(_) => error.to_string(),
                Err(second) => format!("{error}; then cutting back: {second}"),
            };
            for append in group {
                drop(append.written.send(Err(message.clone())));
            }
        }
    }
}
