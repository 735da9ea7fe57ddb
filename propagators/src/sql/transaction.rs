//! A traced transaction.

use std::ops::{Deref, DerefMut};

use sqlx_core::{
    error::Error,
    transaction::{Transaction, TransactionManager},
};

use super::{TracedConnection, TracedDatabase, connection::Held, scope::Scope};

/// A transaction whose queries are spans, and its end too.
///
/// Dropped before [`commit`](Self::commit), it is rolled back when its connection is used next: by sqlx, without a span.
#[derive(Debug)]
pub struct TracedTransaction<'c, DB: TracedDatabase>(TracedConnection<'c, DB>);

impl<'c, DB: TracedDatabase> TracedTransaction<'c, DB> {
    pub(super) fn new(transaction: Transaction<'c, DB>, scope: &Scope) -> Self {
        Self(TracedConnection {
            held: Held::Transaction(transaction),
            scope: scope.clone(),
        })
    }

    /// Commits the transaction, or releases the savepoint.
    ///
    /// # Errors
    /// See [`Transaction::commit`].
    pub async fn commit(self) -> Result<(), Error> {
        let text = match self.depth() {
            0 | 1 => "COMMIT",
            _ => "RELEASE SAVEPOINT",
        };
        let TracedConnection { held, scope } = self.0;
        scope.command::<DB, _>(text, held.commit()).await
    }

    /// Takes all back that was done in the transaction, or since the savepoint.
    ///
    /// # Errors
    /// See [`Transaction::rollback`].
    pub async fn rollback(self) -> Result<(), Error> {
        let text = match self.depth() {
            0 | 1 => "ROLLBACK",
            _ => "ROLLBACK TO SAVEPOINT",
        };
        let TracedConnection { held, scope } = self.0;
        scope.command::<DB, _>(text, held.rollback()).await
    }

    fn depth(&self) -> usize {
        DB::TransactionManager::get_transaction_depth(self.0.held.get())
    }
}

impl<DB: TracedDatabase> Held<'_, DB> {
    async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Transaction(transaction) => transaction.commit().await,
            Self::Alone(_) | Self::Pooled(_) => Ok(()),
        }
    }

    async fn rollback(self) -> Result<(), Error> {
        match self {
            Self::Transaction(transaction) => transaction.rollback().await,
            Self::Alone(_) | Self::Pooled(_) => Ok(()),
        }
    }
}

impl<'c, DB: TracedDatabase> Deref for TracedTransaction<'c, DB> {
    type Target = TracedConnection<'c, DB>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<DB: TracedDatabase> DerefMut for TracedTransaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
