//! Requests as they came, one after the other.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use super::folder::Folder;
use super::keys::Key;

const MAGIC: [u8; 4] = *b"bat1";
const HEAD_BYTES: usize = 4 + 8 + 8 + 4 + 32;
/// No request is larger; more than this is a torn length.
const MAX_BODY_BYTES: u32 = 256 * 1024 * 1024;

/// A log that is written.
#[derive(Debug)]
pub(crate) struct Log {
    number: u64,
    file: File,
    length_bytes: u64,
    /// What was appended and not synced.
    pending_bytes: u64,
}

impl Log {
    /// Makes the file, and its name durable.
    pub(crate) fn create(folder: &Folder, number: u64) -> io::Result<Self> {
        folder.create()?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(folder.log(number))?;
        folder.sync()?;
        Ok(Self {
            number,
            file,
            length_bytes: 0,
            pending_bytes: 0,
        })
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    /// Writes one request; it is durable after [`Log::sync`].
    pub(crate) fn append(&mut self, key: &Key, received_s: i64, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len())
            .ok()
            .filter(|length| *length <= MAX_BODY_BYTES)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        let mut head = [0; HEAD_BYTES];
        let parts: [&[u8]; 5] = [
            &MAGIC,
            &self.number.to_le_bytes(),
            &received_s.to_le_bytes(),
            &length.to_le_bytes(),
            key.as_bytes(),
        ];
        let mut rest = head.as_mut_slice();
        for part in parts {
            rest.write_all(part)?;
        }
        self.file.write_all(&head)?;
        self.file.write_all(body)?;
        self.pending_bytes += u64::from(length) + HEAD_BYTES as u64;
        Ok(())
    }

    /// Makes durable what was appended.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.length_bytes += std::mem::take(&mut self.pending_bytes);
        Ok(())
    }

    /// Takes back what was appended and not synced.
    pub(crate) fn take_back(&mut self) -> io::Result<()> {
        self.pending_bytes = 0;
        self.file.set_len(self.length_bytes)?;
        io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.length_bytes))?;
        self.file.sync_data()
    }
}

/// One request of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Key,
    pub(super) received_s: i64,
    pub(super) body: Vec<u8>,
}

/// Reads the requests of a log, up to its end or to where a crash tore it.
#[derive(Debug)]
pub(super) struct Replay {
    number: u64,
    file: BufReader<File>,
}

impl Replay {
    pub(super) fn open(path: &Path, number: u64) -> io::Result<Self> {
        let file = BufReader::new(File::open(path)?);
        Ok(Self { number, file })
    }

    /// # Errors
    /// Of the disk; a torn record is the end and no error.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            read => read,
        }
    }

    fn read(&mut self) -> io::Result<Option<Record>> {
        let magic: [u8; 4] = self.array()?;
        let number = u64::from_le_bytes(self.array()?);
        let received_s = i64::from_le_bytes(self.array()?);
        let length = u32::from_le_bytes(self.array()?);
        let key = Key::from_bytes(self.array()?);
        if magic != MAGIC || number != self.number || length > MAX_BODY_BYTES {
            return Ok(None);
        }
        let mut body = Vec::new();
        let read = self
            .file
            .by_ref()
            .take(u64::from(length))
            .read_to_end(&mut body)?;
        let is_whole = u32::try_from(read) == Ok(length) && Key::of(&body) == key;
        Ok(is_whole.then_some(Record {
            key,
            received_s,
            body,
        }))
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bodies: &[&[u8]]) -> (tempfile::TempDir, Folder, Log) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&dir.path().join("s"));
        let mut log = Log::create(&folder, 7).unwrap();
        for body in bodies {
            log.append(&Key::of(body), 5, body).unwrap();
        }
        log.sync().unwrap();
        (dir, folder, log)
    }

    fn read(folder: &Folder, number: u64) -> Vec<Vec<u8>> {
        let mut replay = Replay::open(&folder.log(7), number).unwrap();
        std::iter::from_fn(|| replay.next().unwrap())
            .map(|record| {
                assert_eq!((record.key, record.received_s), (Key::of(&record.body), 5));
                record.body
            })
            .collect()
    }

    #[test]
    fn every_torn_end_and_every_broken_byte() {
        let (_dir, folder, _) = written(&[b"first", b"", b"third"]);
        assert_eq!(read(&folder, 7), [b"first".as_slice(), b"", b"third"]);
        assert!(read(&folder, 8).is_empty(), "of another log");
        let whole = std::fs::read(folder.log(7)).unwrap();
        let last = HEAD_BYTES + 5;
        for end in 0..last {
            std::fs::write(folder.log(7), &whole[..whole.len() - last + end]).unwrap();
            assert_eq!(read(&folder, 7).len(), 2);
            let mut broken = whole.clone();
            broken[whole.len() - last + end] ^= 0x40;
            std::fs::write(folder.log(7), &broken).unwrap();
            let mut replay = Replay::open(&folder.log(7), 7).unwrap();
            let read = std::iter::from_fn(|| replay.next().unwrap()).count();
            // The time when it came is not part of the key.
            assert_eq!(
                read,
                if (12..20).contains(&end) { 3 } else { 2 },
                "byte {end}"
            );
        }
    }

    #[test]
    fn what_was_not_synced_can_be_taken_back() {
        let (_dir, folder, mut log) = written(&[b"kept"]);
        log.append(&Key::of(b"not"), 5, b"not").unwrap();
        log.take_back().unwrap();
        assert_eq!(read(&folder, 7), [b"kept"]);
        log.append(&Key::of(b"next"), 5, b"next").unwrap();
        log.sync().unwrap();
        assert_eq!(read(&folder, 7), [b"kept".as_slice(), b"next"]);
    }
}
