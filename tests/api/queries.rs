//! The statements under `sql/queries`.

use std::{fs, path::Path};

use crate::harness::TestService;

/// The lists whose order is added by the program, so that a page is read in the order of an index.
const PAGED: [(&str, &str); 4] = [
    ("audit_log/find.sql", "l.id"),
    ("images/find.sql", "i.created_at"),
    ("jobs/find.sql", "j.id"),
    ("users/find.sql", "u.username"),
];

/// Asked once a command, and answered by one row of each account.
const READS_ALL: [&str; 1] = ["images/count_all.sql"];

/// Every statement and the file's name under `sql/queries`.
fn statements() -> Vec<(String, String)> {
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/queries");
    let mut found = Vec::new();
    for table in fs::read_dir(&queries).unwrap() {
        for file in fs::read_dir(table.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&queries).unwrap().display().to_string();
            let mut sql = fs::read_to_string(&path).unwrap();
            if let Some((_, order)) = PAGED.iter().find(|(paged, _)| *paged == name) {
                sql.push_str(&format!(" ORDER BY {order} LIMIT 20"));
            }
            found.push((name, sql));
        }
    }
    found.sort();
    found
}

/// Where even a planner that avoids it has to read a table from end to end, no index fits.
#[actix_web::test]
async fn every_query_finds_its_rows_by_an_index() {
    let service = TestService::start().await;
    let database = service.connection().await;
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    database.batch_execute(settings).await.unwrap();
    let mut whole = Vec::new();
    for (name, sql) in statements() {
        let parameters = database.prepare(&sql).await.unwrap().params().len();
        let values = if parameters == 0 {
            String::new()
        } else {
            format!("({})", vec!["NULL"; parameters].join(", "))
        };
        let sql = sql.trim_end().trim_end_matches(';');
        database
            .batch_execute(&format!("PREPARE statement AS {sql}"))
            .await
            .unwrap();
        let plan = database
            .query(&format!("EXPLAIN EXECUTE statement{values}"), &[])
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        database
            .batch_execute("DEALLOCATE statement")
            .await
            .unwrap();
        if plan
            .iter()
            .any(|line| line.get::<_, &str>(0).contains("Seq Scan"))
        {
            whole.push(name);
        }
    }
    assert_eq!(whole, READS_ALL, "these read a whole table");
}
