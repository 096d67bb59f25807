//! Changes by staff: each is one transaction that makes the change and writes it to the audit log.

use std::{future::Future, time::Duration};

use deadpool_postgres::Transaction;

use super::{Connection, DbError, Made, Query};
use crate::domain::staff::{Actor, Power, Refusal};

/// A change by staff. Each is a [`Query`] whose output is the change's, or why it was not made.
pub trait Change: Send + 'static {
    /// What there is to say of a change that was made.
    type Output: Send + 'static;

    /// See [`Query::PATIENCE`].
    const PATIENCE: Duration = super::PATIENCE;

    /// Makes the change and logs it, within a transaction that is committed only after this. Says what is left to be done
    /// once it is.
    fn make(
        self,
        db: &Transaction<'_>,
    ) -> impl Future<Output = Result<Made<Self::Output>, NotMade>> + Send;
}

impl<C: Change> Query for C {
    type Output = Result<Made<C::Output>, Refusal>;

    const PATIENCE: Duration = C::PATIENCE;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let transaction = db.transaction().await?;
        match self.make(&transaction).await {
            Ok(made) => {
                transaction.commit().await?;
                Ok(Ok(made))
            }
            Err(NotMade::Refused(refusal)) => {
                transaction.rollback().await?;
                Ok(Err(refusal))
            }
            Err(NotMade::Failed(error)) => Err(error),
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] DbError),
}

impl NotMade {
    /// The refusal that a constraint stands for, if it is that constraint which refused the change.
    pub(super) fn by_constraint(error: DbError, name: &str, refusal: Refusal) -> Self {
        if error.is_constraint(name) {
            Self::Refused(refusal)
        } else {
            Self::Failed(error)
        }
    }
}

/// Refuses who does not have the power.
pub(super) fn require(actor: &Actor, power: Power) -> Result<(), Refusal> {
    if actor.may(power) {
        Ok(())
    } else {
        Err(Refusal::Forbidden)
    }
}
