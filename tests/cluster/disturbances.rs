//! What goes wrong on the way: nodes are killed, the S3 server is away.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use crate::cluster::{Cluster, count};

/// How much of it there is.
pub struct Disturbances {
    /// How long the load lasts.
    pub time: Duration,
    kills: u32,
    /// How long the S3 server is away.
    pub away: Duration,
}

impl Disturbances {
    /// One kill for each 20 seconds, and an S3 server that is away for 20 of 300 seconds.
    pub fn within(seconds: u64) -> Self {
        Self {
            time: Duration::from_secs(seconds),
            kills: u32::try_from(seconds / 20).unwrap().max(1),
            away: Duration::from_secs((seconds / 15).clamp(1, 20)),
        }
    }

    /// Kills nodes, now this one, now that one, and starts them again.
    pub async fn kill(&self, cluster: &Cluster, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let turn = self.time / self.kills;
        for _ in 0..self.kills {
            let wait = turn.mul_f64(random.random_range(0.2..0.6));
            sleep(wait).await;
            let node = &cluster.nodes[random.random_range(0..2)];
            node.kill().await;
            count(&cluster.seen.kills);
            node.start().await;
            sleep(turn.saturating_sub(wait)).await;
        }
    }

    /// Stops the S3 server in the middle and starts it again.
    pub async fn stop_bucket(&self, cluster: &Cluster) {
        sleep(self.time / 2).await;
        cluster.bucket.borrow_mut().stop();
        sleep(self.away).await;
        cluster.bucket.borrow_mut().start_again();
    }
}
