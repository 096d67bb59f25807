//! `/admin/tiers/…`.

use tierpix::domain::staff::StaffRole;

use super::{logged_in, superuser, tier_changes::heights};

const ADD: &str = "/admin/tiers/add/";

#[actix_web::test]
async fn tiers_are_listed_with_what_they_allow() {
    let (service, browser) = superuser().await;
    service.account("Premium").await;
    let page = browser.get("/admin/tiers/").await;
    assert_eq!(page.rows(), ["Basic", "Premium", "Enterprise"]);
    assert!(page.html.contains("200, 400"));
    assert_eq!(
        page.link("1"),
        Some("/admin/users/?tier=Premium".to_owned())
    );
}

#[actix_web::test]
async fn tiers_are_filtered_by_their_permissions_and_name() {
    let (_service, browser) = superuser().await;
    for (query, expected) in [
        ("original=yes", vec!["Premium", "Enterprise"]),
        ("original=yes&links=no", vec!["Premium"]),
        ("links=maybe", vec!["Basic", "Premium", "Enterprise"]),
        ("q=PREM", vec!["Premium"]),
        ("q=nothing", vec![]),
        ("ordering=-name", vec!["Premium", "Enterprise", "Basic"]),
    ] {
        let page = browser.get(&format!("/admin/tiers/?{query}")).await;
        assert_eq!(page.rows(), expected, "{query}");
    }
}

#[actix_web::test]
async fn a_tier_is_added() {
    let (service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let values = [
        ("name", "Gold"),
        ("thumbnail_heights", "300, 100"),
        ("original_link", "on"),
        ("storage_quota_bytes", "2000"),
    ];
    let list = browser.submit(&form, &values).await;
    assert_eq!(list.path, "/admin/tiers/");
    assert_eq!(list.rows(), ["Basic", "Premium", "Enterprise", "Gold"]);
    assert!(list.html.contains("2.0 kB in store"));
    assert_eq!(heights(&service, 4).await, "300,100");
    let flags =
        "SELECT count(*) FROM tiers WHERE name = 'Gold' AND original_link AND NOT expiring_links";
    assert_eq!(service.number(flags).await, 1);
    let logged = "SELECT count(*) FROM audit_log WHERE object_kind = 'tier' AND action = 'added'";
    assert_eq!(service.number(logged).await, 1);
}

#[actix_web::test]
async fn each_wrong_list_of_heights_has_its_own_message_and_stays_as_it_was_typed() {
    let (service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    for (typed, message) in [
        (
            "200;400",
            "“200;400” is not a whole number: write the heights as 200,400.",
        ),
        (
            "abc",
            "“abc” is not a whole number: write the heights as 200,400.",
        ),
        (
            "1001",
            "1001 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (
            "0",
            "0 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (
            "-5",
            "-5 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        ("", "Give at least one thumbnail height."),
        ("200,200", "The height 200 is given twice."),
        (
            "200,400,",
            "There is a comma too many: write the heights as 200,400.",
        ),
        (
            "1,2,3,4,5,6,7,8,9,10,11",
            "A tier has at most 10 thumbnail heights.",
        ),
    ] {
        let values = [("name", "Gold"), ("thumbnail_heights", typed)];
        let page = browser.submit(&form, &values).await;
        assert_eq!(page.status, 400, "{typed}");
        assert_eq!(page.error("thumbnail_heights"), message, "{typed}");
        assert_eq!(page.value("thumbnail_heights"), typed);
        assert_eq!(page.value("name"), "Gold");
        assert!(
            page.html.contains("Please correct the error below."),
            "{typed}"
        );
        assert!(
            page.html
                .contains("aria-describedby=\"thumbnail_heights-error thumbnail_heights-help\"")
        );
    }
    assert_eq!(service.number("SELECT count(*) FROM tiers").await, 3);
}

#[actix_web::test]
async fn everything_wrong_is_told_at_once() {
    let (_service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let values = [
        ("name", ""),
        ("thumbnail_heights", "x"),
        ("max_upload_bytes", "many"),
        ("uploads_per_hour", "0"),
    ];
    let page = browser.submit(&form, &values).await;
    assert!(page.html.contains("Please correct the errors below."));
    assert_eq!(page.error("name"), "This field may not be blank.");
    assert_eq!(
        page.error("max_upload_bytes"),
        "A valid integer is required."
    );
    assert!(
        page.error("uploads_per_hour")
            .contains("greater than or equal to 1")
    );
    assert_eq!(page.value("max_upload_bytes"), "many");
}

#[actix_web::test]
async fn a_name_that_is_taken_is_told_beside_it() {
    let (_service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let page = browser
        .submit(&form, &[("name", "Basic"), ("thumbnail_heights", "10")])
        .await;
    assert_eq!(page.status, 400);
    assert_eq!(page.error("name"), "A tier with this name already exists.");
}

#[actix_web::test]
async fn heights_can_be_chosen_one_by_one() {
    let (service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let values = [
        ("name", "Gold"),
        ("thumbnail_heights", "50"),
        ("more_heights", "600"),
    ];
    browser.submit(&form, &values).await;
    assert_eq!(heights(&service, 4).await, "50,600");
    let values = [
        ("name", "Silver"),
        ("thumbnail_heights", ""),
        ("more_heights", "400"),
    ];
    browser.submit(&form, &values).await;
    assert_eq!(heights(&service, 5).await, "400");
}

#[actix_web::test]
async fn after_saving_one_can_add_another_or_go_on_editing() {
    let (_service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let values = [
        ("name", "Gold"),
        ("thumbnail_heights", "50"),
        ("_addanother", ""),
    ];
    let page = browser.submit(&form, &values).await;
    assert_eq!(
        (page.path.as_str(), page.value("name")),
        (ADD, String::new())
    );
    assert!(page.message().ends_with("You may add another one below."));
    let values = [
        ("name", "Silver"),
        ("thumbnail_heights", "50"),
        ("_continue", ""),
    ];
    let page = browser.submit(&page, &values).await;
    assert_eq!(
        (page.path.as_str(), page.heading()),
        ("/admin/tiers/5/", "Silver")
    );
    assert_eq!(page.value("thumbnail_heights"), "50");
}

#[actix_web::test]
async fn a_tier_that_nobody_has_is_deleted() {
    let (service, browser) = superuser().await;
    let page = browser.get("/admin/tiers/2/delete/").await;
    assert!(page.html.contains("Shall the tier “Premium” be deleted?"));
    let list = browser.submit(&page, &[]).await;
    assert_eq!(list.message(), "The tier “Premium” was deleted.");
    assert_eq!(service.number("SELECT count(*) FROM tiers").await, 2);
}

#[actix_web::test]
async fn a_tier_in_use_names_who_has_it_and_stays() {
    let (service, browser) = superuser().await;
    let anna = service.account("Premium").await;
    let before = browser.get("/admin/tiers/2/delete/").await;
    let after = browser.post("/admin/tiers/2/delete/", &[]).await;
    assert_eq!((before.status, after.status), (200, 409));
    for page in [before, after] {
        assert!(page.html.contains("The tier “Premium” is in use."));
        assert!(page.html.contains("1 user has this tier:"));
        assert_eq!(
            page.link(&anna.username),
            Some(format!("/admin/users/{}/", anna.id.0))
        );
    }
    assert_eq!(service.number("SELECT count(*) FROM tiers").await, 3);
}

#[actix_web::test]
async fn who_is_no_superuser_sees_tiers_and_cannot_change_them() {
    for role in [StaffRole::Viewer, StaffRole::Manager] {
        let (service, browser) = logged_in(role).await;
        let list = browser.get("/admin/tiers/").await;
        assert_eq!((list.rows().len(), list.link("Add a tier")), (3, None));
        let page = browser.get("/admin/tiers/1/").await;
        assert!(page.html.contains("value=\"200\""));
        assert!(!page.html.contains("_save"));
        let fields = [
            ("name", "Mine"),
            ("thumbnail_heights", "1"),
            ("version", "1"),
        ];
        for path in ["/admin/tiers/1/", ADD, "/admin/tiers/1/delete/"] {
            let refused = browser.post(path, &fields).await;
            assert_eq!(
                (refused.status, refused.heading()),
                (403, "Not allowed"),
                "{path}"
            );
        }
        let left = "SELECT count(*) FROM tiers WHERE name IN ('Basic', 'Premium', 'Enterprise')";
        assert_eq!(service.number(left).await, 3);
    }
}
