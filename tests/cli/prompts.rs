//! What commands ask on a terminal.

use crate::harness::{Installation, Terminal};

async fn installation() -> Installation {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix
}

#[actix_web::test]
async fn a_superuser_is_asked_for_until_every_answer_is_right() {
    let tierpix = installation().await;
    let mut terminal = Terminal::run(&tierpix, "createsuperuser");
    terminal.answer("Username: ", "no good name").await;
    terminal.asked("A user name holds only").await;
    terminal.answer("Username: ", "root").await;
    terminal.answer("(may be empty): ", "nowhere").await;
    terminal.asked("Enter a valid e-mail address.").await;
    terminal.answer("(may be empty): ", "").await;
    terminal.answer_hidden("Password: ", "hidden1").await;
    terminal
        .asked("A password has at least 8 characters.")
        .await;
    terminal
        .answer_hidden("Password: ", "hidden-password")
        .await;
    terminal
        .answer_hidden("Password (again): ", "hidden-passwort")
        .await;
    terminal.asked("The two passwords are not the same.").await;
    terminal
        .answer_hidden("Password: ", "hidden-password")
        .await;
    terminal
        .answer_hidden("Password (again): ", "hidden-password")
        .await;
    terminal.asked("Made the superuser root.").await;
    let (code, shown) = terminal.ended().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("hidden"), "{shown}");

    let service = tierpix.serve().await;
    assert_eq!(
        service.log_in("root", "hidden-password").await.0.status,
        200
    );
}

#[actix_web::test]
async fn what_the_command_line_says_is_not_asked() {
    let tierpix = installation().await;
    let mut terminal = Terminal::run(
        &tierpix,
        "createsuperuser --username root --email root@example.org",
    );
    terminal
        .answer_hidden("Password: ", "hidden-password")
        .await;
    terminal
        .answer_hidden("Password (again): ", "hidden-password")
        .await;
    let (code, shown) = terminal.ended().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        !shown.contains("Username") && !shown.contains("E-mail"),
        "{shown}"
    );
}

#[actix_web::test]
async fn a_new_password_is_asked_for_twice() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    let mut terminal = Terminal::run(&tierpix, "user passwd anna");
    terminal
        .answer_hidden("Password: ", "hidden-password")
        .await;
    terminal
        .answer_hidden("Password (again): ", "hidden-password")
        .await;
    let (code, shown) = terminal.ended().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[actix_web::test]
async fn nothing_is_deleted_without_a_yes() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    tierpix.run("tier add Gold --heights 300").await.done();
    for (line, question) in [
        (
            "user delete anna",
            "Delete anna with all images and links? [y/N] ",
        ),
        ("tier delete Gold", "Delete the tier Gold? [y/N] "),
    ] {
        for answer in ["n", "", "yess"] {
            let mut terminal = Terminal::run(&tierpix, line);
            terminal.answer(question, answer).await;
            let (code, shown) = terminal.ended().await;
            assert_eq!(code, Some(1), "{shown}");
            assert!(shown.contains("tierpix: nothing was done"), "{shown}");
        }
    }
    assert_eq!(
        tierpix
            .json("user list --json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        tierpix
            .json("tier list --json")
            .await
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[actix_web::test]
async fn a_yes_deletes_and_the_flag_is_not_asked() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    tierpix.add_user("bob", "Basic").await;
    let mut terminal = Terminal::run(&tierpix, "user delete anna");
    terminal.answer("[y/N] ", "y").await;
    let (code, shown) = terminal.ended().await;
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown) = Terminal::run(&tierpix, "user delete bob --yes")
        .ended()
        .await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.ends_with("\nDeleted bob with 0 images.\r\n"),
        "{shown}"
    );
    assert!(!shown.contains("[y/N]"), "{shown}");
    assert_eq!(
        tierpix
            .json("user list --json")
            .await
            .as_array()
            .unwrap()
            .len(),
        0
    );
}
