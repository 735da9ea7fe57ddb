//! What a pool and all that comes from it share.

use std::{fmt, future::Future, sync::Arc};

use opentelemetry::{Context, KeyValue, trace::TraceContextExt};
use sqlx_core::{
    error::Error,
    executor::Execute,
    sql_str::{AssertSqlSafe, SqlSafeStr},
};

use super::{
    Dialect, TracedDatabase,
    comment::Comments,
    describe::{Statement, describe},
    query::Captured,
    span::QuerySpan,
};
use crate::tracer::ChosenTracer;

#[derive(Clone)]
pub(super) struct Scope {
    pub(super) tracer: ChosenTracer,
    /// System, place and name of the database.
    pub(super) attributes: Arc<[KeyValue]>,
    pub(super) comments: Option<Arc<Comments>>,
    pub(super) dialect: Dialect,
}

impl Scope {
    /// Starts the span of a query, and gives the query its comment.
    pub(super) fn start<'q, DB, E>(
        &self,
        query: &mut Captured<E, DB>,
        parent: &Context,
    ) -> QuerySpan
    where
        DB: TracedDatabase,
        E: Execute<'q, DB>,
    {
        let span = self.span(describe(query.text(), self.dialect), parent);
        let text = self.comments.as_ref().and_then(|comments| {
            comments.append(
                query.text(),
                self.dialect,
                query.is_prepared(),
                span.context(),
            )
        });
        if let Some(text) = text {
            query.replace_text(AssertSqlSafe(text).into_sql_str());
        }
        span
    }

    /// Runs what is no query to sqlx: `BEGIN`, `COMMIT`, `ROLLBACK` and their kin.
    pub(super) async fn command<DB: TracedDatabase, T>(
        &self,
        text: &str,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut span = self.span(describe(text, self.dialect), &Context::current());
        let result = work.await;
        if let Err(error) = &result {
            span.fail::<DB>(error);
        }
        result
    }

    fn span(&self, statement: Statement, parent: &Context) -> QuerySpan {
        QuerySpan::start(&self.tracer, &self.attributes, statement, parent)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("attributes", &self.attributes)
            .field("comments", &self.comments)
            .finish_non_exhaustive()
    }
}

/// The span that was active when the query was made; a stream may be read far away from there. Without one, the span that
/// is active when the query runs.
pub(super) struct Caller(Context);

impl Caller {
    pub(super) fn here() -> Self {
        Self(Context::current())
    }

    pub(super) fn parent(self) -> Context {
        if self.0.has_active_span() {
            self.0
        } else {
            Context::current()
        }
    }
}
