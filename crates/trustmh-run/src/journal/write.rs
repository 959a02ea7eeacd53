//! Appending: a thread of its own takes lines, writes them in groups and answers when they are written.

use fd_lock::RwLock;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

use super::chain::Chain;
use super::read::LONGEST_EVENT;
use super::seal::{SealFile, SessionEnd, withdraw_seal};
use super::{Event, Extent, Place};
use crate::error::RunError;

/// At most so long between writing a line and asking the disk to keep it.
const SYNC_EVERY: Duration = Duration::from_millis(200);
/// At most so many lines between two syncs.
const SYNC_LINES: usize = 256;

type Written = Result<Vec<Place>, String>;

/// What is to be appended.
enum Content {
    /// Events as JSON: the writer makes lines of them, since only it knows the line before.
    Events(Vec<Vec<u8>>),
    /// The end of the session, over all lines before it.
    Seal(SessionEnd),
}

struct Append {
    content: Content,
    written: oneshot::Sender<Written>,
}

/// The only writer of a run's journal, held by a lock on the file.
#[derive(Debug)]
pub struct Writer {
    queue: Sender<Append>,
    thread: JoinHandle<Result<Chain, std::io::Error>>,
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
        let chain = extent.chain.clone();
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
        let place = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                let mut lock = RwLock::new(file);
                match lock.try_write() {
                    Ok(mut file) => {
                        if file.metadata().map_or(true, |now| now.len() != total) {
                            drop(opened.send(Err(None)));
                            return Ok(chain);
                        }
                        let begun = file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0)));
                        let begun = begun.and_then(|_| withdraw_seal(&place, &chain));
                        match begun {
                            Ok(_) => drop(opened.send(Ok(()))),
                            Err(error) => {
                                drop(opened.send(Err(Some(error))));
                                return Ok(chain);
                            }
                        }
                        let mut end = End { file: &mut file, length, chain };
                        end.serve(&appends, &sync)?;
                        Ok(end.chain)
                    }
                    Err(_) => {
                        drop(opened.send(Err(None)));
                        Ok(chain)
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
    /// [`RunError::Append`] if the disk does not take them: the run must stop, for the record is the product.
    pub async fn append(&self, events: Vec<Event>) -> Result<Vec<Place>, RunError> {
        let events = events.iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|error| RunError::Manifest {
            path: self.path.clone(),
            message: error.to_string(),
        })?;
        self.send(Content::Events(events)).await
    }

    async fn send(&self, content: Content) -> Result<Vec<Place>, RunError> {
        let (written, done) = oneshot::channel();
        let gone = |message: String| RunError::WriterGone { message };
        self.queue
            .send(Append { content, written })
            .map_err(|_| gone("queue closed".to_owned()))?;
        match done.await {
            Ok(Ok(places)) => Ok(places),
            Ok(Err(message)) => {
                let source = std::io::Error::other(message);
                Err(RunError::Append { path: self.path.clone(), source })
            }
            Err(_) => Err(gone("append was not answered".to_owned())),
        }
    }

    /// Seals all lines, syncs, releases the lock and writes the seal's file.
    ///
    /// # Errors
    /// [`RunError::Io`]: what was appended before stands, unsealed.
    pub async fn seal(self, ending: SessionEnd) -> Result<(), RunError> {
        let sealed = self.send(Content::Seal(ending)).await;
        let folder = folder_of(&self.path);
        let chain = self.finished()?;
        sealed?;
        SealFile::of(ending, &chain).write(&folder)
    }

    /// How many bytes of the journal the disk keeps, whatever happens to the machine.
    pub fn synced(&self) -> watch::Receiver<u64> {
        self.synced.clone()
    }

    /// Writes what is queued, syncs and releases the lock, without a seal.
    ///
    /// # Errors
    /// [`RunError::Io`] if the last sync fails.
    pub fn close(self) -> Result<(), RunError> {
        self.finished().map(drop)
    }

    fn finished(self) -> Result<Chain, RunError> {
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

/// Where the journal ends, as only its writer knows.
struct End<'f> {
    file: &'f mut File,
    length: u64,
    chain: Chain,
}

impl End<'_> {
    fn serve(
        &mut self,
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
                    self.write_group(group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.file.sync_data()?;
                    synced.send_replace(self.length);
                    return Ok(());
                }
            }
            if unsynced >= SYNC_LINES || (unsynced > 0 && last_sync.elapsed() >= SYNC_EVERY) {
                self.file.sync_data()?;
                synced.send_replace(self.length);
                unsynced = 0;
                last_sync = Instant::now();
            }
        }
    }

    /// Writes all lines of a group or none: a full disk must not leave half a line behind.
    fn write_group(&mut self, group: Vec<Append>) {
        let mut chain = self.chain.clone();
        let mut bytes = Vec::new();
        let mut places = Vec::with_capacity(group.len());
        for append in &group {
            places.push(self.lines(&append.content, &mut chain, &mut bytes));
        }
        match self.file.write_all(&bytes) {
            Ok(()) => {
                self.length += bytes.len() as u64;
                self.chain = chain;
                for (append, places) in group.into_iter().zip(places) {
                    // A caller that went away no longer needs the answer.
                    drop(append.written.send(places));
                }
            }
            Err(error) => {
                let cut =
                    self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::End(0)));
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

    /// Adds the lines of `content` to the `bytes` that are to be written, and says where they will stand.
    fn lines(&self, content: &Content, chain: &mut Chain, bytes: &mut Vec<u8>) -> Written {
        let mut sealed = Vec::new();
        let events = match content {
            Content::Events(events) => events,
            Content::Seal(ending) => {
                let event = serde_json::to_vec(&ending.event(chain));
                sealed.push(event.map_err(|error| error.to_string())?);
                &sealed
            }
        };
        // What would not be read back is not written.
        if events.iter().any(|event| event.len() > LONGEST_EVENT) {
            return Err(format!("one event has over {} MB", LONGEST_EVENT >> 20));
        }
        let place = |event: &Vec<u8>| {
            let offset = self.length + bytes.len() as u64;
            let line = chain.line(event);
            bytes.extend_from_slice(&line);
            let length =
                u32::try_from(line.len()).map_err(|_| "one line has over 4 GB".to_owned())?;
            Ok(Place { offset, length })
        };
        events.iter().map(place).collect()
    }
}
