//! Who may change whom, and the superuser who stays: by the changes themselves, whoever asks for them.

use tierpix::{
    db::users::{DeleteUser, UpdateUser},
    domain::{
        staff::{Actor, ForVersion, Refusal, StaffRole},
        user::{UserChange, UserId},
    },
};

use crate::harness::{Account, TestService, eventually};

fn demotion(id: UserId) -> UpdateUser {
    let change = UserChange {
        role: Some(None),
        ..UserChange::default()
    };
    UpdateUser::fields(Actor::CommandLine, id, change)
}

fn deactivation(id: UserId) -> UpdateUser {
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    UpdateUser::fields(Actor::CommandLine, id, change)
}

fn deletion(id: UserId) -> DeleteUser {
    DeleteUser {
        by: Actor::CommandLine,
        id,
        version: ForVersion::Any,
    }
}

fn last(who: &Account) -> Refusal {
    Refusal::LastSuperuser(who.username.parse().unwrap())
}

#[actix_web::test]
async fn the_last_superuser_stays() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    service.staff(StaffRole::Manager).await;
    let refused = service.make(demotion(root.id)).await.map(|_| ());
    assert_eq!(refused, Err(last(&root)));
    let refused = service.make(deactivation(root.id)).await.map(|_| ());
    assert_eq!(refused, Err(last(&root)));
    let refused = service.make(deletion(root.id)).await.map(|_| ());
    assert_eq!(refused, Err(last(&root)));
    service.set_password(&root, "another password").await;
}

#[actix_web::test]
async fn an_inactive_superuser_does_not_count() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let other = service.staff(StaffRole::Superuser).await;
    service.make(deactivation(other.id)).await.unwrap();
    let refused = service.make(deletion(root.id)).await.map(|_| ());
    assert_eq!(refused, Err(last(&root)));
    service.make(deletion(other.id)).await.unwrap();
}

#[actix_web::test]
async fn any_other_superuser_may_go() {
    let service = TestService::start().await;
    for _ in 0..4 {
        service.staff(StaffRole::Superuser).await;
    }
    let ids = "SELECT id FROM users ORDER BY id LIMIT 1 OFFSET ";
    let id = async |offset| UserId(service.number(&format!("{ids}{offset}")).await);
    service.make(demotion(id(0).await)).await.unwrap();
    service.make(deactivation(id(1).await)).await.unwrap();
    service.make(deletion(id(2).await)).await.unwrap();
}

/// Two superusers of whom the first is taken away by a transaction that is still open: the second waits for it, and stays.
async fn of_two_at_once_one_stays(sql: &str) {
    let service = TestService::start().await;
    let anna = service.staff(StaffRole::Superuser).await;
    let bert = service.staff(StaffRole::Superuser).await;
    let other = service.connection().await;
    let begin = format!("BEGIN; {sql} WHERE id = {}", anna.id.0);
    other.batch_execute(&begin).await.unwrap();
    let database = service.database.clone();
    let id = bert.id;
    let second = actix_web::rt::spawn(async move { database.run(deletion(id)).await });
    eventually("the second waits for the first", async || {
        second.is_finished() || service.waiting().await == 1
    })
    .await;
    other.batch_execute("COMMIT").await.unwrap();
    let refused = second.await.unwrap().unwrap().map(|_| ());
    assert_eq!(refused, Err(last(&bert)));
}

#[actix_web::test]
async fn of_two_superusers_demoted_and_deleted_at_once_one_stays() {
    of_two_at_once_one_stays("UPDATE users SET role = 'viewer'").await;
}

#[actix_web::test]
async fn of_two_superusers_deactivated_and_deleted_at_once_one_stays() {
    of_two_at_once_one_stays("UPDATE users SET is_active = false").await;
}

#[actix_web::test]
async fn of_two_superusers_deleted_at_once_one_stays() {
    of_two_at_once_one_stays("DELETE FROM users").await;
}

#[actix_web::test]
async fn not_even_all_superusers_in_one_statement_can_go() {
    let service = TestService::start().await;
    service.staff(StaffRole::Superuser).await;
    service.staff(StaffRole::Superuser).await;
    let client = service.connection().await;
    for sql in [
        "DELETE FROM users",
        "UPDATE users SET role = NULL",
        "UPDATE users SET is_active = false",
    ] {
        let error = client.execute(sql, &[]).await.unwrap_err();
        let constraint = error.as_db_error().unwrap().constraint();
        assert_eq!(constraint, Some("users_last_superuser"), "{sql}");
    }
    assert_eq!(service.number("SELECT count(*) FROM users").await, 2);
}

#[actix_web::test]
async fn what_a_role_may_not_do_is_refused_by_the_change_itself() {
    let service = TestService::start().await;
    let anna = service.account("").await;
    let viewer = service.staff(StaffRole::Viewer).await;
    let by = |account: &Account, role| Actor::Staff {
        id: account.id,
        username: account.username.parse().unwrap(),
        role,
    };
    let manager = by(&viewer, StaffRole::Manager);
    let viewer = by(&viewer, StaffRole::Viewer);
    let root = service.staff(StaffRole::Superuser).await;
    for (by, id) in [(viewer, anna.id), (manager.clone(), root.id)] {
        let refused = service
            .query(DeleteUser { by, ..deletion(id) })
            .await
            .map(|_| ());
        assert_eq!(refused, Err(Refusal::Forbidden));
    }
    let promotion = UserChange {
        role: Some(Some(StaffRole::Viewer)),
        ..UserChange::default()
    };
    let refused = service
        .query(UpdateUser::fields(manager, anna.id, promotion))
        .await
        .map(|_| ());
    assert_eq!(refused, Err(Refusal::Forbidden));
}
