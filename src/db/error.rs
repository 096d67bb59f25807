//! What can go wrong with the database, sorted by what a caller can do about it.

use std::error::Error;

use tokio_postgres::error::SqlState;

/// Why a query has no answer. The texts are for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// The database is gone, overloaded or too slow: try again later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The database has no room on its disk.
    #[error("database full: {0}")]
    Full(String),
    /// The change would break the constraint of this name.
    #[error("constraint {0} refused the change")]
    Constraint(String),
    /// A statement or a row is not what this program expects.
    #[error("database query failed: {0}")]
    Broken(String),
}

impl DbError {
    /// Unavailable, because of `error` and what caused it.
    pub fn unavailable(error: &dyn Error) -> Self {
        Self::Unavailable(with_causes(error))
    }

    /// Whether the constraint of this name refused the change.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Constraint(constraint) if constraint == name)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = with_causes(&error);
        let Some(db) = error.as_db_error() else {
            // Without an SQLSTATE it is the connection, or a value of the wrong type.
            let ours = error.to_string().contains("serializing")
                || error.to_string().contains("deserializing");
            return if ours {
                Self::Broken(text)
            } else {
                Self::Unavailable(text)
            };
        };
        match db.code() {
            &SqlState::DISK_FULL => Self::Full(text),
            code => match (code.code().get(..2), db.constraint()) {
                (Some("23"), Some(constraint)) => Self::Constraint(constraint.to_owned()),
                // Connection exception, transaction rollback, insufficient resources, operator
                // intervention, system error; read only after a fail-over.
                (Some("08" | "40" | "53" | "57" | "58"), _) => Self::Unavailable(text),
                _ if code == &SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(text),
                _ => Self::Broken(text),
            },
        }
    }
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => match Self::from(error) {
                // Whatever keeps us from connecting makes the database unavailable.
                Self::Broken(text) => Self::Unavailable(text),
                other => other,
            },
            error => Self::unavailable(&error),
        }
    }
}

/// The error's text followed by those of its causes.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<crate::domain::Invalid> for DbError {
    /// A stored value that the domain's types do not take.
    fn from(invalid: crate::domain::Invalid) -> Self {
        Self::Broken(format!("a stored value is not valid: {invalid}"))
    }
}
