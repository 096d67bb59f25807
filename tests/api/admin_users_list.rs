//! `GET /api/v1/admin/users/`.

use serde_json::{Value, json};
use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, Answer, TestService};

const USERS: &str = "/api/v1/admin/users/";

/// A service with these users, and a superuser `zz-root` who looks at them.
async fn listed(users: &[Value]) -> (TestService, Account) {
    let service = TestService::start().await;
    let mut root = service.staff(StaffRole::Superuser).await;
    let sql = format!(
        "UPDATE users SET username = 'zz-root' WHERE id = {}",
        root.id.0
    );
    service.execute(&sql).await;
    root.username = "zz-root".to_owned();
    if users.is_empty() {
        return (service, root);
    }
    let values: Vec<_> = users
        .iter()
        .map(|user| {
            let text = |name: &str| match &user[name] {
                Value::String(text) => format!("'{}'", text.replace('\'', "''")),
                _ => "NULL".to_owned(),
            };
            format!(
                "({}, {}, {}, {}, {}, {})",
                text("username"),
                text("email"),
                text("role"),
                user["is_active"].as_bool().unwrap_or(true),
                user["stored_bytes"].as_i64().unwrap_or(0),
                format_args!("(SELECT id FROM tiers WHERE name = {})", text("tier")),
            )
        })
        .collect();
    let sql = format!(
        "INSERT INTO users (password_hash, username, email, role, is_active, stored_bytes, tier_id)
         SELECT 'none', v.* FROM (VALUES {}) AS v (username, email, role, is_active, stored_bytes, tier_id)",
        values.join(", ")
    );
    assert_eq!(service.execute(&sql).await, users.len() as u64);
    (service, root)
}

fn named(names: &[&str]) -> Vec<Value> {
    names
        .iter()
        .map(|name| json!({ "username": name }))
        .collect()
}

/// The names on a page.
fn names(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{page:?}");
    let json = page.json();
    let results = json["results"].as_array().unwrap();
    let name = |user: &Value| user["username"].as_str().unwrap().to_owned();
    results.iter().map(name).collect()
}

async fn found(root: &Account, query: &str) -> Vec<String> {
    names(&root.get(&format!("{USERS}?{query}")).await)
}

/// The page to which `next` or `previous` leads.
async fn follow(root: &Account, page: &Answer, name: &str) -> Answer {
    let json = page.json();
    let url = json[name].as_str();
    let url = url.unwrap_or_else(|| panic!("no {name} in {json}"));
    root.get(&url[url.find("/api/").unwrap()..]).await
}

#[actix_web::test]
async fn a_user_is_listed_as_its_detail_shows_it() {
    let (service, root) = listed(&[]).await;
    let anna = service.account("Premium").await;
    anna.image().await;
    let detail = root.get(&format!("{USERS}{}/", anna.id.0)).await.json();
    let page = root.get(&format!("{USERS}?search=anna")).await;
    let expected = json!({ "next": null, "previous": null, "results": [detail] });
    assert_eq!(page.outcome(), (200, expected));
}

#[actix_web::test]
async fn users_are_listed_by_name_unless_told_otherwise() {
    let (_service, root) = listed(&named(&["carl", "anna", "bert"])).await;
    assert_eq!(found(&root, "").await, ["anna", "bert", "carl", "zz-root"]);
}

#[actix_web::test]
async fn each_order_has_its_opposite() {
    let (_service, root) = listed(&[
        json!({ "username": "carl", "stored_bytes": 2 }),
        json!({ "username": "anna", "stored_bytes": 3 }),
        json!({ "username": "bert", "stored_bytes": 2 }),
    ])
    .await;
    for (order, expected) in [
        ("username", ["anna", "bert", "carl", "zz-root"]),
        ("created_at", ["zz-root", "carl", "anna", "bert"]),
        ("stored_bytes", ["zz-root", "carl", "bert", "anna"]),
    ] {
        let ascending = found(&root, &format!("ordering={order}")).await;
        assert_eq!(ascending, expected, "{order}");
        let mut descending = found(&root, &format!("ordering=-{order}")).await;
        descending.reverse();
        assert_eq!(descending, expected, "-{order}");
    }
}

#[actix_web::test]
async fn pages_lead_on_and_back_in_every_order() {
    let (_service, root) = listed(&[
        json!({ "username": "anna", "stored_bytes": 1 }),
        json!({ "username": "bert", "stored_bytes": 1 }),
        json!({ "username": "carl", "stored_bytes": 1 }),
        json!({ "username": "dora", "stored_bytes": 2 }),
    ])
    .await;
    for order in [
        "username",
        "-username",
        "created_at",
        "-created_at",
        "stored_bytes",
        "-stored_bytes",
    ] {
        let all = found(&root, &format!("ordering={order}")).await;
        let first = root
            .get(&format!("{USERS}?ordering={order}&page_size=2"))
            .await;
        assert_eq!(first.json()["previous"], Value::Null, "{order}");
        let second = follow(&root, &first, "next").await;
        let third = follow(&root, &second, "next").await;
        assert_eq!(third.json()["next"], Value::Null, "{order}");
        let pages = [names(&first), names(&second), names(&third)];
        assert_eq!(pages.concat(), all, "{order}");
        assert_eq!(pages.map(|page| page.len()), [2, 2, 1], "{order}");
        let back = follow(&root, &third, "previous").await;
        assert_eq!(names(&back), names(&second), "{order}");
        let start = follow(&root, &back, "previous").await;
        assert_eq!(names(&start), names(&first), "{order}");
        assert_eq!(start.json()["previous"], Value::Null, "{order}");
    }
}

#[actix_web::test]
async fn a_search_finds_what_names_and_addresses_begin_with() {
    let (_service, root) = listed(&[
        json!({ "username": "Anna" }),
        json!({ "username": "annika", "email": "x@example.org" }),
        json!({ "username": "bert", "email": "ANTON@example.org" }),
        json!({ "username": "susanna", "email": "y@ann.org" }),
        json!({ "username": "a_b" }),
        json!({ "username": "axb" }),
    ])
    .await;
    let sorted = async |query: &str| {
        let mut names = found(&root, query).await;
        names.sort();
        names
    };
    assert_eq!(sorted("search=ann").await, ["Anna", "annika"]);
    assert_eq!(sorted("search=AN").await, ["Anna", "annika", "bert"]);
    assert_eq!(sorted("search=a_").await, ["a_b"]);
    assert_eq!(sorted("search=%25").await, [""; 0]);
    assert_eq!(sorted("search=x%40").await, ["annika"]);
}

#[actix_web::test]
async fn filters_let_through_who_is_like_that() {
    let (_service, root) = listed(&[
        json!({ "username": "anna", "tier": "Basic" }),
        json!({ "username": "bert", "tier": "Premium", "is_active": false }),
        json!({ "username": "carl", "role": "viewer" }),
        json!({ "username": "dora", "role": "manager", "tier": "Basic" }),
    ])
    .await;
    for (query, expected) in [
        ("tier=Basic", &["anna", "dora"][..]),
        ("tier=Gold", &[]),
        ("role=viewer", &["carl"]),
        ("role=superuser", &["zz-root"]),
        ("is_staff=true", &["carl", "dora", "zz-root"]),
        ("is_staff=false", &["anna", "bert"]),
        ("is_active=false", &["bert"]),
        ("is_active=1&is_staff=0", &["anna"]),
        ("tier=Basic&role=manager&search=do", &["dora"]),
        (
            "tier=&role=&search=&is_staff=&is_active=&colour=red",
            &["anna", "bert", "carl", "dora", "zz-root"],
        ),
    ] {
        assert_eq!(found(&root, query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn the_links_keep_what_was_asked_for() {
    let (_service, root) = listed(&named(&["anna", "bert", "carl", "dora"])).await;
    let first = root
        .get(&format!(
            "{USERS}?is_staff=false&ordering=-username&page_size=3"
        ))
        .await;
    assert_eq!(names(&first), ["dora", "carl", "bert"]);
    let last = follow(&root, &first, "next").await;
    assert_eq!(names(&last), ["anna"]);
    assert_eq!(last.json()["next"], Value::Null);
}

#[actix_web::test]
async fn users_who_come_and_go_between_two_pages_shift_none() {
    let (service, root) = listed(&named(&["anna", "bert", "carl", "dora"])).await;
    let first = root.get(&format!("{USERS}?page_size=2")).await;
    let insert = "INSERT INTO users (username, password_hash) VALUES ('aaron', 'none')";
    service.execute(insert).await;
    service
        .execute("DELETE FROM users WHERE username IN ('bert', 'carl')")
        .await;
    let second = follow(&root, &first, "next").await;
    assert_eq!(names(&second), ["dora", "zz-root"]);
    let back = follow(&root, &second, "previous").await;
    assert_eq!(names(&back), ["aaron", "anna"]);
}

#[actix_web::test]
async fn an_empty_page_leads_to_those_that_are_left() {
    let (service, root) = listed(&named(&["anna", "bert", "carl", "dora"])).await;
    let only = "is_staff=false&page_size=2";
    let first = root.get(&format!("{USERS}?{only}")).await;
    let second = follow(&root, &first, "next").await;
    service
        .execute("DELETE FROM users WHERE username IN ('carl', 'dora')")
        .await;
    let behind = follow(&root, &first, "next").await;
    assert_eq!(names(&behind), [""; 0]);
    assert_eq!(
        names(&follow(&root, &behind, "previous").await),
        ["anna", "bert"]
    );
    service
        .execute("DELETE FROM users WHERE username IN ('anna', 'bert')")
        .await;
    let insert = "INSERT INTO users (username, password_hash) VALUES ('emil', 'none')";
    service.execute(insert).await;
    let before = follow(&root, &second, "previous").await;
    assert_eq!(names(&before), [""; 0]);
    assert_eq!(names(&follow(&root, &before, "next").await), ["emil"]);
}

#[actix_web::test]
async fn everything_wrong_with_the_parameters_is_told_at_once() {
    let (_service, root) = listed(&[]).await;
    let query =
        "search=%00&role=root&is_staff=maybe&is_active=2&ordering=email&page_size=101&cursor=abc";
    let told = json!({
        "search": ["Null characters are not allowed."],
        "role": ["\"root\" is not a valid choice."],
        "is_staff": ["Must be a valid boolean."],
        "is_active": ["Must be a valid boolean."],
        "ordering": ["\"email\" is not a valid choice."],
        "page_size": ["Enter a whole number from 1 to 100."],
        "cursor": ["Invalid cursor"],
    });
    let page = root.get(&format!("{USERS}?{query}")).await;
    assert_eq!(page.outcome(), (400, told));
}

#[actix_web::test]
async fn a_cursor_is_good_for_the_order_that_it_was_given_out_for() {
    let (_service, root) = listed(&named(&["anna", "bert"])).await;
    let first = root.get(&format!("{USERS}?page_size=1")).await;
    let next = first.json()["next"].as_str().unwrap().to_owned();
    let cursor = next
        .split("cursor=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let page = root
        .get(&format!("{USERS}?ordering=stored_bytes&cursor={cursor}"))
        .await;
    let told = json!({ "cursor": ["Invalid cursor"] });
    assert_eq!(page.outcome(), (400, told));
}
