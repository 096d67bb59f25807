//! Two nodes, and what asks them.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal::SIGKILL;
use reqwest::RequestBuilder;

use crate::{
    harness::{Answer, Installation, Service, eventually},
    server::{BUCKET, S3Server},
};

/// What a change on one node has to count in on the other.
pub const AT_ONCE: Duration = Duration::from_secs(1);

/// How long after a change is looked whether it stays.
const WATCHED: Duration = Duration::from_millis(1300);

/// How long somebody waits who asks again.
pub const PAUSE: Duration = Duration::from_millis(20);

/// How long somebody asks again in vain before that is a fault.
const PATIENCE: Duration = Duration::from_secs(90);

/// The prefix of everything that is kept.
const PREFIX: &str = "ours";

/// The nodes, and the S3 server that keeps their pictures.
pub struct Cluster {
    pub nodes: [Node; 2],
    pub bucket: RefCell<S3Server>,
    /// What was counted on the way.
    pub seen: Seen,
}

/// One of the nodes.
pub struct Node {
    pub tierpix: Installation,
    /// `None` while it is killed.
    service: RefCell<Option<Service>>,
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Seen {
    pub requests: Cell<usize>,
    pub put_off: Cell<usize>,
    pub broken: Cell<usize>,
    pub kills: Cell<usize>,
    /// Changes whose effect was watched.
    pub changes: Cell<usize>,
    /// The longest after a change that a node still answered as before.
    pub longest: Cell<Duration>,
}

/// Counts one more.
pub fn count(counter: &Cell<usize>) {
    counter.set(counter.get() + 1);
}

impl Cluster {
    /// Nodes that do not serve yet.
    pub async fn new() -> Self {
        let bucket = S3Server::start();
        let first = Installation::on_another_server().await;
        let database = first.variable("DATABASE_URL").to_owned();
        let second = Installation::new().with("DATABASE_URL", &database);
        let nodes = [first, second].map(|mut tierpix| {
            for (name, value) in bucket.variables() {
                tierpix = tierpix.with(&name, &value);
            }
            let tierpix = tierpix
                .with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}/{PREFIX}"))
                .with("TIERPIX_SECRET_KEY", "one-secret-for-every-node-of-them")
                .with("TIERPIX_SUPERUSER_PASSWORD", "root-password");
            Node {
                tierpix,
                service: RefCell::default(),
            }
        });
        Self {
            nodes,
            bucket: RefCell::new(bucket),
            seen: Seen::default(),
        }
    }

    /// With a superuser `root` and with nodes that serve.
    pub async fn start() -> Self {
        let cluster = Self::new().await;
        let tierpix = cluster.tierpix();
        tierpix.run("migrate").await.done();
        let root = "createsuperuser --username root --no-input";
        tierpix.run(root).await.done();
        for node in &cluster.nodes {
            node.start().await;
        }
        cluster
    }

    /// Where commands are run, and from where one looks into the database.
    pub fn tierpix(&self) -> &Installation {
        &self.nodes[0].tierpix
    }

    /// What a node answers; `None` if it breaks off, is not there, or puts off.
    ///
    /// Anything but these statuses is a fault, and so is whoever is put off without being told for how long.
    pub async fn ask(
        &self,
        node: usize,
        documented: &[u16],
        request: impl FnOnce(&Service) -> RequestBuilder,
    ) -> Option<Answer> {
        count(&self.seen.requests);
        let request = self.nodes[node].service.borrow().as_ref().map(request);
        let (mut what, mut answer) = (String::new(), None);
        if let Some(request) = request {
            let (client, request) = request.build_split();
            let request = request.unwrap();
            what = format!("node {node}, {} {}", request.method(), request.url());
            let request = RequestBuilder::from_parts(client, request);
            answer = Answer::if_any(request).await.ok();
        }
        let Some(answer) = answer else {
            count(&self.seen.broken);
            return None;
        };
        if answer.status == 503 {
            assert_ne!(answer.header("retry-after"), "", "{what}: {answer:?}");
            count(&self.seen.put_off);
            return None;
        }
        assert!(documented.contains(&answer.status), "{what}: {answer:?}");
        Some(answer)
    }

    /// Asks this node first, then the other one, and so on until one answers; which one did.
    pub async fn insist(
        &self,
        first: usize,
        documented: &[u16],
        request: impl Fn(&Service) -> RequestBuilder,
    ) -> (usize, Answer) {
        let deadline = Instant::now() + PATIENCE;
        for node in [first, 1 - first].into_iter().cycle() {
            if let Some(answer) = self.ask(node, documented, &request).await {
                return (node, answer);
            }
            assert!(Instant::now() < deadline, "nobody answers");
            tokio::time::sleep(PAUSE).await;
        }
        unreachable!("it goes on in circles")
    }

    /// Asks both nodes over and over what became of a change that was answered at this time: for a second each may answer as
    /// before, and from then on no more.
    pub async fn turns(
        &self,
        since: Instant,
        documented: &[u16],
        is_before: impl Fn(&Answer) -> bool,
        request: impl Fn(&Service) -> RequestBuilder,
    ) {
        let watch = async |node: usize| {
            let mut has_turned = false;
            while since.elapsed() < WATCHED || !has_turned {
                let asked = since.elapsed();
                assert!(asked < PATIENCE, "node {node} does not answer");
                if let Some(answer) = self.ask(node, documented, &request).await {
                    has_turned = !is_before(&answer);
                    if !has_turned {
                        assert!(asked < AT_ONCE, "node {node} after {asked:?}: {answer:?}");
                        self.seen.longest.set(self.seen.longest.get().max(asked));
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::join!(watch(0), watch(1));
        count(&self.seen.changes);
    }

    /// The same, of a change of the status.
    pub async fn turns_from(
        &self,
        before: u16,
        after: u16,
        since: Instant,
        request: impl Fn(&Service) -> RequestBuilder,
    ) {
        let is_before = |answer: &Answer| answer.status == before;
        self.turns(since, &[before, after], is_before, request)
            .await;
    }

    /// Waits until both nodes are ready.
    pub async fn is_ready(&self) {
        for node in [0, 1] {
            eventually("the node is ready", async || {
                let ready = self.ask(node, &[200], |service| service.request("GET", "/readyz"));
                ready.await.is_some()
            })
            .await;
        }
    }

    /// The files in which the S3 server keeps the objects.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        crate::harness::objects_in(&self.bucket.borrow().file(PREFIX))
    }
}

impl Node {
    /// Starts it.
    pub async fn start(&self) {
        let service = self.tierpix.serve().await;
        self.service.replace(Some(service));
    }

    /// The service, to do with it as one likes.
    pub fn take(&self) -> Service {
        self.service.take().expect("the node serves")
    }

    /// Kills it.
    pub async fn kill(&self) {
        let service = self.take();
        service.signal(SIGKILL);
        let code = service.ended().await.code();
        assert_eq!(code, None, "it had ended already: {}", self.tierpix.log());
    }
}
