//! Ctrl-C, SIGTERM and SIGHUP, and a standard error that is gone.

use nix::sys::signal::Signal::{self, SIGHUP, SIGINT, SIGTERM};
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use tokio::sync::mpsc;

use crate::{
    harness::{Answer, Installation, Service, ended, eventually, names_in, send},
    pictures::Jpeg,
};

#[actix_web::test]
async fn every_signal_stops_everything_and_the_next_start_works_at_once() {
    let tierpix = Installation::new();
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGINT] {
        let service = tierpix.serve().await;
        service.signal(signal);
        assert_eq!(service.ended().await.code(), Some(0));
        tierpix.assert_nothing_runs();
    }
}

/// An upload of which the service has the first half.
struct HalfUpload {
    rest: mpsc::UnboundedSender<Result<Vec<u8>, std::io::Error>>,
    second_half: Vec<u8>,
    answer: actix_web::rt::task::JoinHandle<Answer>,
}

impl HalfUpload {
    async fn begin(tierpix: &Installation, service: &Service) -> Self {
        let mut photo = Jpeg::photo(320, 240).encode();
        let second_half = photo.split_off(photo.len() / 2);
        let (rest, mut pieces) = mpsc::unbounded_channel();
        rest.send(Ok(photo)).unwrap();
        let body = Body::wrap_stream(futures_util::stream::poll_fn(move |context| {
            pieces.poll_recv(context)
        }));
        let form = Form::new().part("image", Part::stream(body).file_name("photo.jpg"));
        let request = service
            .request("POST", "/api/v1/images_upload/")
            .basic_auth("admin", Some(service.admin_password()))
            .multipart(form);
        let answer = actix_web::rt::spawn(Answer::of(request));
        let spool = tierpix.data_dir().join("spool");
        eventually("the upload streams", async || !names_in(&spool).is_empty()).await;
        Self {
            rest,
            second_half,
            answer,
        }
    }

    async fn end(self) -> Answer {
        self.rest.send(Ok(self.second_half)).unwrap();
        drop(self.rest);
        self.answer.await.unwrap()
    }
}

async fn signal(tierpix: &Installation, service: &Service, signal: Signal) {
    service.signal(signal);
    eventually("the service stops", async || {
        tierpix.log().contains("stopping")
    })
    .await;
}

#[actix_web::test]
async fn an_upload_that_runs_is_ended_and_kept() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let upload = HalfUpload::begin(&tierpix, &service).await;
    signal(&tierpix, &service, SIGTERM).await;
    let answer = upload.end().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let url = service.url.clone();
    assert_eq!(service.ended().await.code(), Some(0));
    tierpix.assert_nothing_runs();

    let service = tierpix.serve().await;
    let original = answer.url_of("original").replace(&url, &service.url);
    assert_eq!(
        service.get(&original).await.body,
        Jpeg::photo(320, 240).encode()
    );
}

#[actix_web::test]
async fn a_second_signal_does_not_wait_for_an_upload() {
    let tierpix = Installation::new();
    let service = tierpix.serve_with("--shutdown-grace 600").await;
    let upload = HalfUpload::begin(&tierpix, &service).await;
    signal(&tierpix, &service, SIGINT).await;
    service.signal(SIGINT);
    assert_eq!(service.ended().await.code(), Some(0));
    tierpix.assert_nothing_runs();
    drop(upload.answer);
}

#[actix_web::test]
async fn an_upload_that_hangs_is_cut_off_after_the_grace() {
    let tierpix = Installation::new();
    let service = tierpix.serve_with("--shutdown-grace 1").await;
    let upload = HalfUpload::begin(&tierpix, &service).await;
    service.signal(SIGTERM);
    assert_eq!(service.ended().await.code(), Some(0));
    tierpix.assert_nothing_runs();
    drop(upload.answer);
}

#[actix_web::test]
async fn a_first_start_that_is_interrupted_leaves_nothing_running() {
    let tierpix = Installation::new();
    let mut starting = Service::spawn(&tierpix, "");
    eventually("the database starts", async || {
        !tierpix.database_processes().is_empty()
    })
    .await;
    send(&starting, SIGINT);
    assert_eq!(ended(&mut starting).await.code(), Some(0));
    tierpix.database_is_gone().await;
    tierpix.serve().await.stop().await;
}

#[actix_web::test]
async fn an_upload_that_runs_when_the_terminal_is_closed_is_ended_and_kept() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let upload = HalfUpload::begin(&tierpix, &service).await;
    signal(&tierpix, &service, SIGHUP).await;
    let answer = upload.end().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(service.ended().await.code(), Some(0));
}

#[actix_web::test]
async fn under_nohup_the_end_of_the_terminal_is_not_the_service_s() {
    let tierpix = Installation::new().launched_by(["nohup".to_owned()]);
    let service = tierpix.serve().await;
    service.signal(SIGHUP);
    for _ in 0..20 {
        assert_eq!(service.get("/healthz").await.status, 200);
    }
    service.stop().await;
}

#[actix_web::test]
async fn a_lost_standard_error_panics_nothing() {
    let shell = ["sh", "-c", r#"exec "$@" 2>&-"#, "sh"].map(str::to_owned);
    let tierpix = Installation::new()
        .with("TIERPIX_UNKNOWN_SETTING", "1")
        .launched_by(shell);
    let service = tierpix.serve().await;
    let (login, _) = service.log_in("admin", "wrong").await;
    assert_eq!(login.status, 401, "{login:?}");
    assert_eq!(service.get("/readyz").await.status, 200);
    service.stop().await;
}
