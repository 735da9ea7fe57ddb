//! What an earlier process left beside the file.

use std::fs;

use parquet::errors::{ParquetError, Result};

use super::folder::{Folder, Kind};
use super::keys::Receipt;
use super::live::Live;
use super::log::Replay;
use super::segment::{Segment, SegmentWriter};
use crate::otlp::decode;

/// Makes segments of the logs that have none, and says which segments there are and which number is free. Segments up to `taken_in`
/// are in the table.
pub(crate) fn recover(folder: &Folder, taken_in: u64) -> Result<(Live, u64)> {
    let files = folder.files()?;
    let newest = files.last().map_or(0, |(number, _)| *number);
    let has_segment = |number: u64| number <= taken_in || files.contains(&(number, Kind::Segment));
    let mut segments = Vec::new();
    for (number, kind) in &files {
        match kind {
            Kind::Draft => fs::remove_file(folder.draft(*number))?,
            Kind::Segment if *number <= taken_in => fs::remove_file(folder.segment(*number))?,
            Kind::Segment => segments.push(Segment::open(folder, *number)?),
            Kind::Log if has_segment(*number) => fs::remove_file(folder.log(*number))?,
            Kind::Log => segments.extend(seal_again(folder, *number)?),
        }
    }
    segments.sort_unstable_by_key(|segment| segment.number);
    if segments.is_empty() {
        folder.remove();
    }
    Ok((Live::of(segments), newest.max(taken_in) + 1))
}

/// Makes a segment of a log; none of a log without a whole request.
pub(crate) fn seal_again(folder: &Folder, number: u64) -> Result<Option<Segment>> {
    let mut replay = Replay::open(&folder.log(number), number)?;
    let mut writer = SegmentWriter::create(folder, number)?;
    let mut is_empty = true;
    while let Some(record) = replay.next()? {
        // It could be decoded when it was acknowledged.
        let spans = decode(&record.body)
            .map_err(|error| ParquetError::External(Box::new(error)))?
            .spans;
        let receipt = Receipt {
            key: record.key,
            received_s: record.received_s,
            spans: u32::try_from(spans.len()).unwrap_or(u32::MAX),
        };
        writer.append(receipt, &spans.batch)?;
        is_empty = false;
    }
    if is_empty {
        fs::remove_file(folder.draft(number))?;
        fs::remove_file(folder.log(number))?;
        return Ok(None);
    }
    writer.finish().map(Some)
}
