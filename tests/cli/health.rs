//! `tierpix health`.

use std::net::TcpListener;

use crate::harness::Installation;

#[actix_web::test]
async fn a_service_that_serves_is_ready() {
    let tierpix = Installation::on_another_server().await;
    let service = tierpix.serve().await;
    let address = service.url.trim_start_matches("http://localhost");
    for host in ["127.0.0.1", "0.0.0.0"] {
        let line = format!("health --bind {host}{address}");
        assert_eq!(tierpix.run(&line).await.done(), "The service is ready.\n");
    }
    service.stop().await;
}

#[actix_web::test]
async fn where_nobody_serves_nothing_is_ready() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let tierpix = Installation::new();
    let line = format!("health --bind {nobody}");
    let refused = tierpix.run(&line).await.refused();
    assert!(refused.contains("does not answer"), "{refused}");
    assert!(!tierpix.data_dir().exists());
}
