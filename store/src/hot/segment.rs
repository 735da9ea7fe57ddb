//! One Parquet file: the spans of one log.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::record_batch::RecordBatch;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::Result;
use parquet::file::metadata::{KeyValue, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::folder::Folder;
use super::keys::{Key, Receipt};
use crate::otlp::schema;

/// Where the keys of the requests stand in the metadata of the file.
const RECEIPTS: &str = "baton.requests";
const RECEIPT_BYTES: usize = 32 + 8 + 4;

/// A segment that is complete and durable.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) spans: u64,
    pub(crate) receipts: Vec<Receipt>,
    /// Its spans are in the table: whoever reads the file last removes it.
    is_taken_in: AtomicBool,
}

impl Segment {
    /// One that an earlier process left.
    pub(super) fn open(folder: &Folder, number: u64) -> Result<Self> {
        let path = folder.segment(number);
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path)?)?;
        let spans = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default();
        Ok(Self {
            number,
            spans,
            receipts: receipts(&metadata),
            path,
            is_taken_in: AtomicBool::new(false),
        })
    }

    /// Its file goes when the last reader is done.
    pub(super) fn is_in_the_table(&self) {
        self.is_taken_in.store(true, Ordering::Release);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.is_taken_in.load(Ordering::Acquire)
            && let Err(error) = fs::remove_file(&self.path)
        {
            // The next start does it.
            tracing::warn!(path = %self.path.display(), %error, "could not be removed");
        }
    }
}

/// A segment that is being written.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    folder: Folder,
    number: u64,
    writer: ArrowWriter<File>,
    spans: u64,
    receipts: Vec<Receipt>,
}

impl SegmentWriter {
    pub(crate) fn create(folder: &Folder, number: u64) -> Result<Self> {
        let file = File::create(folder.draft(number))?;
        Ok(Self {
            folder: folder.clone(),
            number,
            writer: ArrowWriter::try_new(file, schema::spans(), Some(properties()?))?,
            spans: 0,
            receipts: Vec::new(),
        })
    }

    pub(crate) fn append(&mut self, receipt: Receipt, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch)?;
        self.spans += u64::try_from(batch.num_rows()).unwrap_or_default();
        self.receipts.push(receipt);
        Ok(())
    }

    /// Makes it durable under its name, then removes its log.
    pub(crate) fn finish(mut self) -> Result<Segment> {
        let receipts = BASE64_STANDARD.encode(packed(&self.receipts));
        self.writer
            .append_key_value_metadata(KeyValue::new(RECEIPTS.to_owned(), receipts));
        self.writer.into_inner()?.sync_all()?;
        let path = self.folder.segment(self.number);
        fs::rename(self.folder.draft(self.number), &path)?;
        self.folder.sync()?;
        remove_log(&self.folder.log(self.number));
        Ok(Segment {
            number: self.number,
            path,
            spans: self.spans,
            receipts: self.receipts,
            is_taken_in: AtomicBool::new(false),
        })
    }
}

fn remove_log(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        // The segment counts where both are there.
        tracing::warn!(path = %path.display(), %error, "could not be removed");
    }
}

fn properties() -> Result<WriterProperties> {
    let column = |name: &str| ColumnPath::from(name);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::None)
        // What a trace is found by. It never outgrows the file: about ten bits for each different trace.
        .set_column_bloom_filter_enabled(column("trace_id"), true)
        .set_column_bloom_filter_ndv(column("trace_id"), 20_000)
        .set_column_dictionary_enabled(column("span_id"), false);
    for name in ["start_time_ns", "duration_ns"] {
        properties = properties
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED)
            .set_column_statistics_enabled(column(name), EnabledStatistics::Chunk);
    }
    Ok(properties.build())
}

fn packed(receipts: &[Receipt]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(receipts.len() * RECEIPT_BYTES);
    for receipt in receipts {
        bytes.extend_from_slice(receipt.key.as_bytes());
        bytes.extend_from_slice(&receipt.received_s.to_le_bytes());
        bytes.extend_from_slice(&receipt.spans.to_le_bytes());
    }
    bytes
}

fn receipts(metadata: &ParquetMetaData) -> Vec<Receipt> {
    let values = metadata.file_metadata().key_value_metadata();
    let value = values
        .into_iter()
        .flatten()
        .find(|entry| entry.key == RECEIPTS);
    let text = value.and_then(|entry| entry.value.as_deref());
    let bytes = BASE64_STANDARD.decode(text.unwrap_or_default());
    bytes
        .unwrap_or_default()
        .chunks_exact(RECEIPT_BYTES)
        .filter_map(|bytes| {
            let (key, rest) = bytes.split_first_chunk()?;
            let (received_s, spans) = rest.split_first_chunk()?;
            Some(Receipt {
                key: Key::from_bytes(*key),
                received_s: i64::from_le_bytes(*received_s),
                spans: u32::from_le_bytes(spans.try_into().ok()?),
            })
        })
        .collect()
}
