//! Clients that take their time, that hang up, and many of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use jpeg_encoder::ColorType;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    harness::{Answer, Installation, Service, eventually, names_in},
    pictures::Jpeg,
};

/// Connections that ask for nothing.
const IDLE: usize = 5_000;

/// Clients of one kind that are slow at the same time.
const SLOW: usize = 50;

/// What everybody else's requests may take meanwhile: many times their usual time, far less than any time-out.
const USUAL: Duration = Duration::from_secs(2);

/// A service with a picture.
struct Site {
    tierpix: Installation,
    service: Service,
    photo: Vec<u8>,
    kept: Answer,
}

impl Site {
    async fn open(photo: Vec<u8>) -> Self {
        let tierpix = Installation::on_another_server().await;
        let service = tierpix.serve().await;
        tierpix.add_user("anna", "Premium").await;
        let kept = service.upload("anna", "anna-password", photo.clone()).await;
        assert_eq!(kept.status, 201, "{kept:?}");
        Self {
            tierpix,
            service,
            photo,
            kept,
        }
    }

    fn address(&self) -> SocketAddr {
        let port = self.service.url.rsplit_once(':').unwrap().1;
        (Ipv4Addr::LOCALHOST, port.parse().unwrap()).into()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// Others are served as ever.
    async fn assert_serves(&self) {
        let began = Instant::now();
        let photo = Jpeg::photo(320, 240).encode();
        let upload = self.service.upload("anna", "anna-password", photo).await;
        assert_eq!(upload.status, 201, "{upload:?}");
        for size in ["200px", "original"] {
            let answer = self.service.get(&self.kept.url_of(size)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        println!("others were served in {:?}", began.elapsed());
        assert!(began.elapsed() < USUAL, "{:?}", began.elapsed());
    }

    /// An upload as it is sent.
    fn upload(&self) -> Vec<u8> {
        let head =
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n";
        let body = [head.as_bytes(), &self.photo, b"\r\n--b--\r\n"].concat();
        // anna:anna-password
        let head = format!(
            "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\
             Authorization: Basic YW5uYTphbm5hLXBhc3N3b3Jk\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n\r\n",
            body.len()
        );
        [head.into_bytes(), body].concat()
    }

    async fn images(&self) -> i64 {
        let database = self.tierpix.connect().await;
        let count = "SELECT count(*) FROM images";
        database.query_one(count, &[]).await.unwrap().get(0)
    }
}

/// Waits until the service ends a connection; what it had said.
async fn rest(mut connection: TcpStream) -> String {
    let mut said = Vec::new();
    let ended = timeout(Duration::from_secs(60), connection.read_to_end(&mut said));
    let _ = ended.await.expect("the connection is open after a minute");
    String::from_utf8_lossy(&said).into_owned()
}

/// Lets this process have as many as the system allows it.
pub fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

#[actix_web::test]
async fn thousands_of_idle_connections_keep_nobody_out() {
    allow_many_connections();
    let site = Site::open(Jpeg::photo(320, 240).encode()).await;
    let before = site.service.memory();
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut connection = site.connect().await;
        // Kept alive: without a request it would be closed soon.
        let request = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
        connection.write_all(request).await.unwrap();
        idle.push(connection);
    }
    for connection in &mut idle {
        assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
    }
    let grown = site.service.memory().saturating_sub(before) / IDLE as u64;
    println!("{IDLE} idle connections take {grown} bytes each");
    site.assert_serves().await;
}

#[actix_web::test]
async fn a_head_that_does_not_end_ends_its_connection_and_holds_up_nobody() {
    let site = Site::open(Jpeg::photo(320, 240).encode()).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut connection = site.connect().await;
        let begun = b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: ";
        connection.write_all(begun).await.unwrap();
        slow.push(connection);
    }
    let mut endless = site.connect().await;
    let begun = b"GET /healthz HTTP/1.1\r\nHost: h\r\n";
    endless.write_all(begun).await.unwrap();
    while endless
        .write_all(b"X: yyyyyyyyyyyyyyyyyyyyy\r\n")
        .await
        .is_ok()
    {}
    site.assert_serves().await;
    for connection in slow {
        let said = rest(connection).await;
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408 "),
            "{said}"
        );
    }
}

#[actix_web::test]
async fn clients_that_do_not_read_hold_up_nobody_and_take_little_memory() {
    // Too much for what lies between a server and a client.
    let mut pixels = vec![0; 3000 * 2000];
    StdRng::seed_from_u64(1).fill(&mut pixels[..]);
    let photo = Jpeg::of_pixels(3000, 2000, pixels, ColorType::Luma).quality(90);
    let site = Site::open(photo.encode()).await;
    let before = site.service.memory();
    let url = site.kept.url_of("original");
    let path = &url[url.find("/media/").unwrap()..];
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut connection = socket.connect(site.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        assert!(connection.read(&mut [0; 1]).await.unwrap() > 0);
        slow.push(connection);
    }
    site.assert_serves().await;
    let grown = site.service.memory().saturating_sub(before) / SLOW as u64;
    println!("{SLOW} clients that do not read take {grown} bytes each");
    assert!(grown < 2 << 20, "{grown} bytes each");
    // Who goes on reads all of it.
    let mut said = Vec::new();
    slow.pop().unwrap().read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&site.photo));
}

#[actix_web::test]
async fn a_client_may_hang_up_wherever_it_wants() {
    let site = Site::open(Jpeg::photo(320, 240).encode()).await;
    let upload = site.upload();
    let before = site.images().await;
    let steps = 40;
    for step in 1..steps {
        let mut connection = site.connect().await;
        let cut = upload.len() * step / steps;
        connection.write_all(&upload[..cut]).await.unwrap();
        drop(connection);
    }
    let spool = site.tierpix.data_dir().join("spool");
    eventually("nothing is left of them", async || {
        names_in(&spool).is_empty()
    })
    .await;
    assert_eq!(site.images().await, before);
    // One that was sent whole is stored, whether or not somebody waits for the answer.
    let mut connection = site.connect().await;
    connection.write_all(&upload).await.unwrap();
    connection.shutdown().await.unwrap();
    eventually("the whole one is stored", async || {
        site.images().await == before + 1
    })
    .await;
    site.assert_serves().await;
    site.service.stop().await;
    site.tierpix.run("storage reconcile --verify").await.done();
}
