//! Values that no browser sends, in every parameter and field that the panel's own pages name.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::json;
use tierpix::domain::staff::StaffRole;

use crate::{
    harness::{Answer, TestService},
    hostile_values::{assert_answered, worst},
};

/// A form of a page, or the parameters of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    posts: bool,
    path: String,
    name: String,
}

fn encoded(value: &[u8]) -> String {
    percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The pages that a page leads to, and what can be sent from it.
fn read(path: &str, page: &str) -> (BTreeSet<String>, BTreeSet<Sent>) {
    let (mut pages, mut sent) = (BTreeSet::new(), BTreeSet::new());
    for tag in page.split("<a ").skip(1) {
        let tag = format!(" {tag}");
        let href = attribute(&tag, "href")
            .unwrap_or_default()
            .replace("&#38;", "&");
        let (to, query) = href.split_once('?').unwrap_or((&href, ""));
        let to = if to.is_empty() { path } else { to };
        if to.starts_with("/admin/") {
            pages.insert(to.to_owned());
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
                sent.insert(Sent {
                    posts: false,
                    path: to.to_owned(),
                    name: name.to_owned(),
                });
            }
        }
    }
    for form in page.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap();
        let head = form.split('>').next().unwrap();
        let to = attribute(head, "action").unwrap_or(path);
        let to = to.split('?').next().unwrap();
        // Uploads are forms of another kind.
        if to.ends_with("/upload/") || to.ends_with("/logout/") || !to.starts_with("/admin/") {
            continue;
        }
        for name in form.split(" name=\"").skip(1) {
            sent.insert(Sent {
                posts: attribute(head, "method") == Some("post"),
                path: to.to_owned(),
                name: name.split('"').next().unwrap().to_owned(),
            });
        }
    }
    (pages, sent)
}

#[actix_web::test]
async fn in_every_parameter_and_field() {
    let service = TestService::start().await;
    let admin = service.staff(StaffRole::Superuser).await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    anna.link(
        &image,
        json!({ "expiring_time_seconds": 3600, "max_uses": 2 }),
    )
    .await;
    anna.token(&["read"]).await;
    let (_, session) = admin.log_in().await;
    let (mut to_see, mut seen, mut all) =
        (vec!["/admin/".to_owned()], BTreeSet::new(), BTreeSet::new());
    while let Some(path) = to_see.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = Answer::of(service.request_in(&session, "GET", &path)).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let (pages, sent) = read(&path, answer.text());
        to_see.extend(pages);
        all.extend(sent);
    }
    assert!(seen.len() > 25, "{seen:?}");
    assert!(all.iter().filter(|sent| sent.posts).count() > 20, "{all:?}");
    assert!(
        all.iter().filter(|sent| !sent.posts).count() > 20,
        "{all:?}"
    );
    for Sent { posts, path, name } in &all {
        // What ends the session that asks, or makes somebody wait for a password.
        if path.contains(&format!("/users/{}/", admin.id.0)) || path == "/admin/login/" {
            continue;
        }
        for value in worst() {
            let pair = format!("{name}={}", encoded(&value));
            let request = if *posts {
                let request = service.request_in(&session, "POST", path);
                let form = "application/x-www-form-urlencoded";
                request.header("content-type", form).body(pair)
            } else {
                service.request_in(&session, "GET", &format!("{path}?{pair}"))
            };
            assert_answered(request, &format!("{path} {name} {value:.100?}")).await;
        }
    }
    assert!(service.is_alive(&session).await);
}
