//! How calls are traced: which tracer, which system, which comments.

use std::{borrow::Cow, fmt, sync::Arc};

use opentelemetry::{KeyValue, StringValue, trace::Tracer};
use sqlx_core::{connection::Connection, pool::Pool};

use super::{
    TracedConnection, TracedDatabase, TracedPool, comment::Comments, connection::Held, names,
    scope::Scope,
};
use crate::{attribute as a, tracer::ChosenTracer};

/// Makes traced pools and connections; see the [module](super).
///
/// ```
/// use baton_propagators::sql::SqlTracing;
/// use sqlx::SqlitePool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = SqlTracing::global().pool(SqlitePool::connect("sqlite::memory:").await?);
/// let answer: i64 = sqlx::query_scalar("SELECT ?").bind(42).fetch_one(&pool).await?;
/// assert_eq!(answer, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct SqlTracing {
    tracer: ChosenTracer,
    system: Option<Cow<'static, str>>,
    comments: Comments,
}

impl SqlTracing {
    /// Spans get the instrumentation scope of `tracer`.
    pub fn new<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self {
            tracer: ChosenTracer::own(tracer),
            ..Self::default()
        }
    }

    /// Uses the global tracer provider, with the scope `baton-propagators`.
    #[must_use]
    pub fn global() -> Self {
        Self::default()
    }

    /// Another `db.system.name`: `mariadb` behind the MySQL driver, `cockroachdb` behind the one of PostgreSQL.
    #[must_use]
    pub fn system(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.system = Some(name.into());
        self
    }

    /// Opts into sqlcommenter: every statement ends in a comment with this tag, so that the database's own logs name
    /// the caller. The value must stay the same: each text is a prepared statement of its own.
    #[must_use]
    pub fn comment(mut self, key: &str, value: &str) -> Self {
        self.comments.tag(key, value);
        self
    }

    /// Opts into sqlcommenter's `traceparent`, on statements that are not prepared ([`sqlx::raw_sql`] and plain strings): it
    /// changes the text each time.
    ///
    /// [`sqlx::raw_sql`]: https://docs.rs/sqlx/latest/sqlx/fn.raw_sql.html
    #[must_use]
    pub fn comment_traceparent(mut self) -> Self {
        self.comments.traceparent = true;
        self
    }

    /// Traces what goes through a pool.
    #[must_use]
    pub fn pool<DB: TracedDatabase>(&self, pool: Pool<DB>) -> TracedPool<DB> {
        let scope = self.scope::<DB>(&pool.connect_options());
        TracedPool { pool, scope }
    }

    /// Traces what goes through a connection that was made with `options`.
    #[must_use]
    pub fn connection<DB: TracedDatabase>(
        &self,
        connection: DB::Connection,
        options: &<DB::Connection as Connection>::Options,
    ) -> TracedConnection<'static, DB> {
        TracedConnection {
            held: Held::Alone(Box::new(connection)),
            scope: self.scope::<DB>(options),
        }
    }

    fn scope<DB: TracedDatabase>(
        &self,
        options: &<DB::Connection as Connection>::Options,
    ) -> Scope {
        let endpoint = DB::endpoint(options);
        let system = self.system.clone().unwrap_or(Cow::Borrowed(DB::SYSTEM));
        let text = |key, value: Option<String>| {
            // Shared, since every span gets a clone.
            value.map(|value| KeyValue::new(key, StringValue::from(Arc::<str>::from(value))))
        };
        let attributes = [
            text(names::DB_SYSTEM_NAME, Some(system.into_owned())),
            text(names::DB_NAMESPACE, endpoint.namespace),
            text(a::SERVER_ADDRESS, endpoint.address),
            endpoint
                .port
                .map(|port| KeyValue::new(a::SERVER_PORT, i64::from(port))),
        ];
        Scope {
            tracer: self.tracer.clone(),
            attributes: attributes.into_iter().flatten().collect(),
            comments: (!self.comments.is_empty()).then(|| Arc::new(self.comments.clone())),
            dialect: DB::DIALECT,
        }
    }
}

impl fmt::Debug for SqlTracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlTracing")
            .field("system", &self.system)
            .field("comments", &self.comments)
            .finish_non_exhaustive()
    }
}
