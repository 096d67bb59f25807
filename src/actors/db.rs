//! `DbActor`: every query of the service goes through it.

use actix::{Actor, Addr, Context, Handler, Message, ResponseFuture};
use tracing::{Instrument, Span};

use crate::{
    db::{Database, DbError, Query},
    telemetry::spans,
};

/// Owns the pool. It answers many queries at a time: each runs in a future of its own over the pool.
struct DbActor {
    database: Database,
}

impl Actor for DbActor {
    type Context = Context<Self>;
}

/// A query on its way to the actor.
struct Run<Q> {
    query: Q,
    span: Span,
}

impl<Q: Query> Message for Run<Q> {
    type Result = Result<Q::Output, DbError>;
}

impl<Q: Query> Handler<Run<Q>> for DbActor {
    type Result = ResponseFuture<Result<Q::Output, DbError>>;

    fn handle(&mut self, Run { query, span }: Run<Q>, _: &mut Context<Self>) -> Self::Result {
        let database = self.database.clone();
        Box::pin(async move { database.run(query).await }.instrument(span))
    }
}

/// The address of the `DbActor`.
#[derive(Clone)]
pub struct Db(Addr<DbActor>);

impl Db {
    /// Starts the actor on this thread's arbiter.
    pub fn start(database: Database) -> Self {
        Self(DbActor { database }.start())
    }

    /// Runs a query.
    pub async fn run<Q: Query>(&self, query: Q) -> Result<Q::Output, DbError> {
        let span = spans::message::<Q>("DbActor");
        self.0
            .send(Run { query, span })
            .await
            .unwrap_or_else(|gone| Err(DbError::unavailable(&gone)))
    }
}
