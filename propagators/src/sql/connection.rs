//! A traced connection, of a pool, of a transaction or alone.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use futures::{future::BoxFuture, stream::BoxStream};
use sqlx_core::{
    connection::Connection,
    database::Database,
    describe::Describe,
    error::Error,
    executor::{Execute, Executor},
    pool::PoolConnection,
    sql_str::SqlStr,
    transaction::{Transaction, TransactionManager},
};

use super::{
    TracedDatabase, TracedTransaction,
    query::Captured,
    rows::{self, Step},
    scope::{Caller, Scope},
};

/// A connection whose queries are spans: the one type to ask for where a function asked for `&mut SqliteConnection`.
///
/// `&mut *transaction` and `&mut *connection` of a pool give it, and
/// [`SqlTracing::connection`](super::SqlTracing::connection) makes one.
///
/// ```
/// use baton_propagators::sql::{SqlTracing, TracedConnection};
/// use sqlx::{Sqlite, SqlitePool};
///
/// async fn left(connection: &mut TracedConnection<'_, Sqlite>) -> Result<i64, sqlx::Error> {
///     sqlx::query_scalar("SELECT 40 + ?").bind(2).fetch_one(connection).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = SqlTracing::global().pool(SqlitePool::connect("sqlite::memory:").await?);
/// let mut transaction = pool.begin().await?;
/// assert_eq!(left(&mut *transaction).await?, 42);
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
pub struct TracedConnection<'c, DB: TracedDatabase> {
    pub(super) held: Held<'c, DB>,
    pub(super) scope: Scope,
}

/// Who has the connection.
pub(super) enum Held<'c, DB: Database> {
    Alone(Box<DB::Connection>),
    Pooled(PoolConnection<DB>),
    Transaction(Transaction<'c, DB>),
}

impl<DB: Database> Held<'_, DB> {
    pub(super) fn get(&self) -> &DB::Connection {
        match self {
            Self::Alone(connection) => connection,
            Self::Pooled(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }

    fn get_mut(&mut self) -> &mut DB::Connection {
        match self {
            Self::Alone(connection) => connection,
            Self::Pooled(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl<DB: TracedDatabase> TracedConnection<'_, DB> {
    /// The connection itself, for what shall leave no span.
    #[must_use]
    pub fn untraced(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }

    /// Starts a transaction, or a savepoint inside of one.
    ///
    /// # Errors
    /// See [`Connection::begin`].
    pub async fn begin(&mut self) -> Result<TracedTransaction<'_, DB>, Error> {
        let text = match DB::TransactionManager::get_transaction_depth(self.held.get()) {
            0 => "BEGIN",
            _ => "SAVEPOINT",
        };
        let begin = self.held.get_mut().begin();
        let transaction = self.scope.command::<DB, _>(text, begin).await?;
        Ok(TracedTransaction::new(transaction, &self.scope))
    }
}

/// One for each database: an impl for any of them has the compiler overflow wherever somebody asks for
/// `&mut DB::Connection: Executor` of a database that is still to be inferred.
macro_rules! impl_executor {
    ($feature:literal, $database:ty) => {
        #[cfg(feature = $feature)]
        impl<'c> Executor<'c> for &'c mut TracedConnection<'_, $database> {
            type Database = $database;

            fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step<$database>>
            where
                'c: 'e,
                E: 'q + Execute<'q, $database>,
            {
                let connection = self.held.get_mut();
                rows::stream(self.scope.clone(), query, |query| {
                    connection.fetch_many(query)
                })
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<<$database as Database>::Row>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, $database>,
            {
                let connection = self.held.get_mut();
                let asked = (Captured::new(query), Caller::here());
                Box::pin(rows::optional(self.scope.clone(), asked, |query| {
                    connection.fetch_optional(query)
                }))
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [<$database as Database>::TypeInfo],
            ) -> BoxFuture<'e, Result<<$database as Database>::Statement, Error>>
            where
                'c: 'e,
            {
                self.held.get_mut().prepare_with(sql, parameters)
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<$database>, Error>>
            where
                'c: 'e,
            {
                self.held.get_mut().describe(sql)
            }
        }
    };
}

impl_executor!("mysql", sqlx_mysql::MySql);
impl_executor!("postgres", sqlx_postgres::Postgres);
impl_executor!("sqlite", sqlx_sqlite::Sqlite);

impl<DB: TracedDatabase> fmt::Debug for TracedConnection<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = match &self.held {
            Held::Alone(_) => "alone",
            Held::Pooled(_) => "pooled",
            Held::Transaction(_) => "transaction",
        };
        f.debug_struct("TracedConnection")
            .field("held", &held)
            .field("scope", &self.scope)
            .finish()
    }
}

/// A connection of a [`TracedPool`](super::TracedPool), to which it goes back when it is dropped.
#[derive(Debug)]
pub struct TracedPoolConnection<DB: TracedDatabase>(pub(super) TracedConnection<'static, DB>);

impl<DB: TracedDatabase> Deref for TracedPoolConnection<DB> {
    type Target = TracedConnection<'static, DB>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<DB: TracedDatabase> DerefMut for TracedPoolConnection<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
