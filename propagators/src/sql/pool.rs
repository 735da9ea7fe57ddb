//! A traced pool.

use futures::{future::BoxFuture, stream::BoxStream};
use sqlx_core::{
    describe::Describe,
    error::Error,
    executor::{Execute, Executor},
    pool::Pool,
    sql_str::{SqlSafeStr, SqlStr},
};

use super::{
    TracedConnection, TracedDatabase, TracedPoolConnection, TracedTransaction,
    connection::Held,
    query::Captured,
    rows::{self, Step},
    scope::{Caller, Scope},
};

/// A [`Pool`] whose queries are spans: use `&pool` where you used it before.
///
/// Made by [`SqlTracing::pool`](super::SqlTracing::pool). Clones share the pool, as sqlx's own do.
#[derive(Debug)]
pub struct TracedPool<DB: TracedDatabase> {
    pub(super) pool: Pool<DB>,
    pub(super) scope: Scope,
}

impl<DB: TracedDatabase> TracedPool<DB> {
    /// The pool itself: for migrations, for `close`, and for what shall leave no span.
    #[must_use]
    pub const fn untraced(&self) -> &Pool<DB> {
        &self.pool
    }

    /// A connection of the pool. Waiting for it is no span.
    ///
    /// # Errors
    /// See [`Pool::acquire`].
    pub async fn acquire(&self) -> Result<TracedPoolConnection<DB>, Error> {
        let connection = self.pool.acquire().await?;
        Ok(TracedPoolConnection(TracedConnection {
            held: Held::Pooled(connection),
            scope: self.scope.clone(),
        }))
    }

    /// Starts a transaction. The span covers the wait for a connection too, as it does for a query on the pool.
    ///
    /// # Errors
    /// See [`Pool::begin`].
    pub async fn begin(&self) -> Result<TracedTransaction<'static, DB>, Error> {
        let begin = self.pool.begin();
        let transaction = self.scope.command::<DB, _>("BEGIN", begin).await?;
        Ok(TracedTransaction::new(transaction, &self.scope))
    }

    /// Starts a transaction with a statement of your own.
    ///
    /// # Errors
    /// See [`Pool::begin_with`].
    pub async fn begin_with(
        &self,
        statement: impl SqlSafeStr,
    ) -> Result<TracedTransaction<'static, DB>, Error> {
        let statement = statement.into_sql_str();
        let begin = self.pool.begin_with(statement.clone());
        let transaction = self
            .scope
            .command::<DB, _>(statement.as_str(), begin)
            .await?;
        Ok(TracedTransaction::new(transaction, &self.scope))
    }
}

/// Databases are no `Clone`, which a derived one would ask for.
impl<DB: TracedDatabase> Clone for TracedPool<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            scope: self.scope.clone(),
        }
    }
}

impl<'p, DB> Executor<'p> for &TracedPool<DB>
where
    DB: TracedDatabase,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step<DB>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let pool = self.pool.clone();
        rows::stream(self.scope.clone(), query, move |query| {
            pool.fetch_many(query)
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let (pool, scope) = (self.pool.clone(), self.scope.clone());
        let asked = (Captured::new(query), Caller::here());
        Box::pin(rows::optional(scope, asked, move |query| {
            pool.fetch_optional(query)
        }))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(sql)
    }
}
