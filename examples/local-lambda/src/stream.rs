//! An answer that its caller reads while the function still writes it.

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::invocation::{InvokeError, InvokeOutput};

/// Parts that may wait for a slow caller; then the function waits too.
const CAPACITY: usize = 16;

/// Where the Runtime API puts what a runtime streams.
pub(crate) type Sink = mpsc::Sender<StreamPart>;

/// What comes of an answer, in this order.
#[derive(Debug)]
pub enum StreamPart {
    /// The runtime streams: what follows are chunks. A buffered answer has neither.
    Started {
        /// The runtime's own `Content-Type`; tells an HTTP integration response, which begins with a prelude.
        content_type: Option<String>,
    },
    /// Some bytes, as the runtime wrote them.
    Chunk(Bytes),
    /// The end. The payload is a buffered answer or an error's body; a streamed answer leaves it empty.
    Complete(Box<InvokeOutput>),
}

/// An answer in parts.
///
/// ```no_run
/// # async fn read(function: &local_lambda::Function) -> Result<usize, local_lambda::InvokeError> {
/// use local_lambda::{InvokeRequest, StreamPart};
///
/// let mut answer = function.invoke_streaming(InvokeRequest::new("{}")).await?;
/// let mut bytes = 0;
/// while let Some(part) = answer.next().await {
///     if let StreamPart::Chunk(chunk) = part? {
///         bytes += chunk.len();
///     }
/// }
/// # Ok(bytes)
/// # }
/// ```
#[derive(Debug)]
pub struct AnswerStream {
    parts: mpsc::Receiver<StreamPart>,
    done: Option<oneshot::Receiver<Result<InvokeOutput, InvokeError>>>,
    last: Option<Result<InvokeOutput, InvokeError>>,
}

// === impl AnswerStream ===

impl AnswerStream {
    /// A stream, and the ends that fill it.
    pub(crate) fn new(done: oneshot::Receiver<Result<InvokeOutput, InvokeError>>) -> (Self, Sink) {
        let (sink, parts) = mpsc::channel(CAPACITY);
        let stream = Self {
            parts,
            done: Some(done),
            last: None,
        };
        (stream, sink)
    }

    /// The next part; `None` after the last one, or when the function was shut down.
    ///
    /// # Errors
    ///
    /// As [`crate::Function::invoke`], when nothing ran.
    pub async fn next(&mut self) -> Option<Result<StreamPart, InvokeError>> {
        if let Some(done) = &mut self.done {
            tokio::select! {
                biased;
                Some(part) = self.parts.recv() => return Some(Ok(part)),
                ended = done => {
                    self.done = None;
                    self.last = ended.ok();
                }
            }
        }
        // What was written just before the end comes before it.
        if let Ok(part) = self.parts.try_recv() {
            return Some(Ok(part));
        }
        let last = self.last.take()?;
        Some(last.map(|output| StreamPart::Complete(Box::new(output))))
    }
}
