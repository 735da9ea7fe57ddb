//! The answer of the driver, with the span beside it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{FutureExt as _, Stream, StreamExt as _, future, stream::BoxStream};
use sqlx_core::{Either, database::Database, error::Error, executor::Execute};

use super::{
    TracedDatabase,
    query::Captured,
    scope::{Caller, Scope},
    span::QuerySpan,
};

/// A row, or the result of a statement.
pub(super) type Step<DB> =
    Result<Either<<DB as Database>::QueryResult, <DB as Database>::Row>, Error>;

/// The rows of a query that starts when they are asked for, as the driver's own do.
pub(super) fn stream<'e, 'q: 'e, DB, E>(
    scope: Scope,
    query: E,
    run: impl FnOnce(Captured<E, DB>) -> BoxStream<'e, Step<DB>> + Send + 'e,
) -> BoxStream<'e, Step<DB>>
where
    DB: TracedDatabase,
    E: Execute<'q, DB> + 'q,
{
    let mut query = Captured::new(query);
    let caller = Caller::here();
    future::lazy(move |_| {
        let span = scope.start(&mut query, &caller.parent());
        TracedRows::<'e, DB> {
            rows: run(query),
            span: Some(span),
        }
    })
    .flatten_stream()
    .boxed()
}

/// The same for at most one row.
pub(super) async fn optional<'q, DB, E, F>(
    scope: Scope,
    (mut query, caller): (Captured<E, DB>, Caller),
    run: impl FnOnce(Captured<E, DB>) -> F,
) -> Result<Option<DB::Row>, Error>
where
    DB: TracedDatabase,
    E: Execute<'q, DB>,
    F: Future<Output = Result<Option<DB::Row>, Error>>,
{
    let mut span = scope.start(&mut query, &caller.parent());
    let result = run(query).await;
    match &result {
        Ok(row) => {
            span.answered();
            row.iter().for_each(|_| span.row());
        }
        Err(error) => span.fail::<DB>(error),
    }
    result
}

/// Ends its span with the last row, or when it is dropped before.
struct TracedRows<'e, DB: Database> {
    rows: BoxStream<'e, Step<DB>>,
    span: Option<QuerySpan>,
}

impl<DB: TracedDatabase> Stream for TracedRows<'_, DB> {
    type Item = Step<DB>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let step = ready!(self.rows.as_mut().poll_next(cx));
        if let Some(span) = &mut self.span {
            match &step {
                Some(Ok(Either::Left(result))) => span.affected(DB::rows_affected(result)),
                Some(Ok(Either::Right(_))) => span.row(),
                Some(Err(error)) => span.fail::<DB>(error),
                None => span.answered(),
            }
        }
        if step.is_none() {
            self.span = None;
        }
        Poll::Ready(step)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}
