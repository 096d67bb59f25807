//! A thousand broken pictures.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use crate::{
    harness::{Installation, Service, eventually},
    pictures::{Jpeg, Mutations, Png, seeds},
};

/// Uploads at a time.
const CLIENTS: usize = 8;

/// Bytes by which the process may end up larger than it was when it had seen some of everything.
const GROWTH: u64 = 20 << 20;

/// Broken pictures of every kind, without end.
fn broken_pictures() -> impl Iterator<Item = Vec<u8>> {
    let mut pictures = seeds(b"no profile");
    pictures.extend([
        Jpeg::photo(400, 300).progressive().encode(),
        Png::new(300, 200, 6, 16).interlaced().encode(),
    ]);
    let mut mutations = Mutations::new(0x6861_726D);
    (0..).map(move |number: usize| {
        let mut picture = pictures[number % pictures.len()].clone();
        mutations.apply(&mut picture);
        picture
    })
}

/// How often each status came.
async fn upload_all(
    service: &Service,
    pictures: impl Iterator<Item = Vec<u8>>,
) -> BTreeMap<u16, usize> {
    let uploads = pictures.map(|picture| service.upload("anna", "anna-password", picture));
    let mut answers = futures_util::stream::iter(uploads).buffer_unordered(CLIENTS);
    let mut statuses = BTreeMap::new();
    while let Some(answer) = answers.next().await {
        *statuses.entry(answer.status).or_default() += 1;
    }
    statuses
}

#[actix_web::test]
async fn a_thousand_broken_pictures_leave_no_trace() {
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Enterprise").await;
    let service = tierpix.serve().await;
    let mut pictures = broken_pictures();
    upload_all(&service, pictures.by_ref().take(200)).await;
    let before = service.memory();

    let statuses = upload_all(&service, pictures.take(1000)).await;
    println!("{statuses:?}");
    let known = [201, 400, 503];
    assert!(
        statuses.keys().all(|status| known.contains(status)),
        "{statuses:?}"
    );
    assert!(statuses[&201] > 50 && statuses[&400] > 500, "{statuses:?}");
    eventually("the memory is given back", async || {
        service.memory() <= before + GROWTH
    })
    .await;
    println!(
        "{} KB before, {} KB after",
        before >> 10,
        service.memory() >> 10
    );
    assert_eq!(service.get("/readyz").await.status, 200);
    service.stop().await;
}
