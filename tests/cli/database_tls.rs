//! A database over TLS: `sslmode` and `sslrootcert` in `DATABASE_URL`.

mod server;

use tokio_postgres::Client;

use crate::{
    harness::{Installation, soon},
    pictures::Jpeg,
};
use server::TlsServer;

fn installation(url: &str) -> Installation {
    Installation::new().with("DATABASE_URL", url)
}

#[actix_web::test]
async fn a_certificate_is_asked_for_as_much_as_the_url_says() {
    let server = TlsServer::start().await;
    let (ours, stranger) = (server.authority(), server.stranger());
    let (ours, stranger) = (ours.display(), stranger.display());
    for (host, parameters) in [
        ("localhost", String::new()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={ours}")),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={ours}"),
        ),
    ] {
        let tierpix = installation(&server.url(host, &parameters));
        assert_eq!(tierpix.run("migrate").await.code, Some(0), "{parameters}");
    }
    for (host, parameters, why) in [
        ("localhost", "sslmode=disable".to_owned(), "no encryption"),
        (
            "localhost",
            "sslmode=verify-full".to_owned(),
            "UnknownIssuer",
        ),
        (
            "localhost",
            format!("sslmode=verify-ca&sslrootcert={stranger}"),
            "UnknownIssuer",
        ),
        (
            "localhost",
            format!("sslmode=require&sslrootcert={stranger}"),
            "UnknownIssuer",
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-full&sslrootcert={ours}"),
            "not valid for name",
        ),
    ] {
        let tierpix = installation(&server.url(host, &parameters));
        let refused = tierpix.run("tier list").await.refused();
        assert!(
            refused.starts_with("DATABASE_URL: cannot connect: ") && refused.contains(why),
            "{parameters}: {refused}"
        );
    }
}

/// How many connections of clients there are, and how many of them are encrypted.
async fn connections(client: &Client) -> (i64, i64) {
    let sql = "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[actix_web::test]
async fn a_service_asks_and_hears_its_database_over_tls_alone() {
    let server = TlsServer::start().await;
    let parameters = format!(
        "sslmode=verify-full&sslrootcert={}",
        server.authority().display()
    );
    let url = server.url("localhost", &parameters);
    let tierpix = installation(&url);
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    let upload = async || {
        let picture = Jpeg::photo(64, 48).encode();
        service.upload("anna", "anna-password", picture).await
    };
    let answer = upload().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let watch = url.parse::<tierpix::db::Server>().unwrap();
    let (all, encrypted) = connections(&watch.connect().await.unwrap()).await;
    assert!(all >= 2 && all == encrypted, "{encrypted} of {all}");

    tierpix.run("user set-tier anna Premium").await.done();
    soon("the service has heard of the tier", async || {
        upload().await.json()["images"].as_array().unwrap().len() == 3
    })
    .await;
    service.stop().await;
}
