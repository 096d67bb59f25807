//! A browser without script: it keeps cookies, goes where it is sent, and sends forms as they are shown.

use std::collections::BTreeMap;

use reqwest::redirect::Policy;

use crate::harness::{Account, Answer, TestService};

/// A browser.
pub struct Browser {
    client: reqwest::Client,
    url: String,
}

impl Browser {
    /// In which nobody is logged in.
    pub fn new(service: &TestService) -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .tls_certs_only([])
            .redirect(Policy::limited(3));
        Self {
            client: client.build().unwrap(),
            url: service.url.clone(),
        }
    }

    /// In which this account is logged in.
    pub async fn of(service: &TestService, account: &Account) -> Self {
        let browser = Self::new(service);
        let front = browser.log_in(account).await;
        assert_eq!(
            (front.status, front.heading()),
            (200, "Administration"),
            "{}",
            front.html
        );
        browser
    }

    /// Logs in on the panel's own page.
    pub async fn log_in(&self, account: &Account) -> Page {
        let fields = [
            ("username", account.username.as_str()),
            ("password", &account.password),
        ];
        self.post("/admin/login/", &fields).await
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Page {
        self.send("GET", path, &[]).await
    }

    /// Sends these fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.client.post(format!("{}{path}", self.url));
        Page::of(request.form(fields)).await
    }

    /// Sends a form of several parts.
    pub async fn post_parts(&self, path: &str, form: reqwest::multipart::Form) -> Page {
        let request = self.client.post(format!("{}{path}", self.url));
        Page::of(request.multipart(form)).await
    }

    /// Sends an action with these rows, and says yes.
    pub async fn act(&self, path: &str, action: &str, ids: &[&str]) -> Page {
        let selected = ids.iter().map(|id| ("selected", *id));
        let fields: Vec<_> = [("action", action)].into_iter().chain(selected).collect();
        let ask = self.post(path, &fields).await;
        self.submit(&ask, &[]).await
    }

    /// Sends a request with these headers.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Page {
        let url = format!("{}{path}", self.url);
        let mut request = self.client.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Page::of(request).await
    }

    /// Sends the page's last form with these values in the place of those that it shows.
    pub async fn submit(&self, page: &Page, values: &[(&str, &str)]) -> Page {
        self.submit_without(page, &[], values).await
    }

    /// As [`Browser::submit`], with these boxes unticked.
    pub async fn submit_without(
        &self,
        page: &Page,
        unticked: &[&str],
        values: &[(&str, &str)],
    ) -> Page {
        let mut fields = page.fields();
        fields.retain(|(name, _)| !unticked.contains(&name.as_str()));
        for (name, value) in values {
            fields.retain(|(shown, _)| shown != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&page.action(), &fields).await
    }
}

/// A page that a browser shows.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Where the browser has landed.
    pub path: String,
    pub html: String,
    pub policy: String,
}

impl Page {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let url = response.url().clone();
        let answer = Answer::read(response).await;
        let content_type = answer.header("content-type");
        assert_eq!(content_type, "text/html; charset=utf-8", "{answer:?}");
        Self {
            status: answer.status,
            path: match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
            policy: answer.header("content-security-policy").to_owned(),
            html: answer.text().to_owned(),
        }
    }

    /// The heading.
    pub fn heading(&self) -> &str {
        self.between("<h1>", "</h1>")
            .expect("every page has a heading")
    }

    /// The message above the page; empty if there is none.
    pub fn message(&self) -> &str {
        let message = self.between("<p class=\"message", "</p>");
        message.map_or("", |message| message.split_once('>').unwrap().1)
    }

    /// What is wrong with a field; empty if nothing is.
    pub fn error(&self, field: &str) -> &str {
        self.between(&format!("id=\"{field}-error\">"), "</p>")
            .unwrap_or("")
    }

    /// What somebody else made of a field meanwhile; empty if nothing.
    pub fn note(&self, field: &str) -> &str {
        self.between(&format!("id=\"{field}-note\">"), "</p>")
            .unwrap_or("")
    }

    /// What a field holds.
    pub fn value(&self, field: &str) -> String {
        let fields: BTreeMap<_, _> = self.fields().into_iter().collect();
        fields.get(field).cloned().unwrap_or_default()
    }

    /// The text of each row's first cell.
    pub fn rows(&self) -> Vec<&str> {
        let cells = self
            .html
            .split("<th role=\"rowheader\" scope=\"row\">")
            .skip(1);
        cells
            .map(|cell| {
                let cell = cell.split_once("</th>").unwrap().0;
                let text = cell.strip_suffix("</a>").unwrap_or(cell);
                text.rsplit_once('>').map_or(text, |(_, text)| text)
            })
            .collect()
    }

    /// The ids of the rows that can be selected.
    pub fn selectable(&self) -> Vec<String> {
        let boxes = self.html.split("name=\"selected\" value=\"").skip(1);
        let ids = boxes.map(|rest| rest.split_once('"').unwrap().0.to_owned());
        ids.collect()
    }

    /// Where the pictures are.
    pub fn pictures(&self) -> Vec<String> {
        let tags = self.html.split("<img ").skip(1);
        tags.map(|tag| attribute(tag, "src").unwrap()).collect()
    }

    /// Where a link of this text leads.
    pub fn link(&self, text: &str) -> Option<String> {
        let before = self.html.split(&format!(">{text}</a>")).next()?;
        (before.len() < self.html.len()).then(|| {
            let tag = before.rsplit_once("<a ").unwrap().1;
            attribute(tag, "href").unwrap()
        })
    }

    fn between(&self, start: &str, end: &str) -> Option<&str> {
        let (_, rest) = self.html.split_once(start)?;
        rest.split_once(end).map(|(found, _)| found)
    }

    fn form(&self) -> &str {
        let main = self.html.split_once("<main").unwrap().1;
        main.rsplit_once("<form ").expect("a form").1
    }

    /// Where the last form is sent: here, unless it says otherwise.
    fn action(&self) -> String {
        let tag = self.form().split_once('>').unwrap().0;
        attribute(tag, "action").unwrap_or_else(|| self.path.clone())
    }

    /// What a browser would send of the last form, the buttons aside.
    fn fields(&self) -> Vec<(String, String)> {
        let form = self.form().split_once("</form>").unwrap().0;
        let mut fields = Vec::new();
        for tag in form.split('<') {
            let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
            let is_off = tag.contains("type=\"checkbox\"") && !tag.contains(" checked");
            if tag.starts_with("input ") && !is_off && !tag.contains(" disabled") {
                let value = attribute(tag, "value");
                let on = if tag.contains("type=\"checkbox\"") {
                    "on"
                } else {
                    ""
                };
                fields.push((
                    attribute(tag, "name").unwrap(),
                    value.unwrap_or(on.to_owned()),
                ));
            } else if tag.starts_with("select ") && !tag.contains(" disabled") {
                fields.push((attribute(tag, "name").unwrap(), String::new()));
            } else if tag.starts_with("option ")
                && tag.ends_with(" selected")
                && let Some(select) = fields.last_mut()
            {
                select.1 = attribute(tag, "value").unwrap();
            }
        }
        fields
    }
}

/// An attribute's value, its characters unescaped.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split_once('"')?.0;
    let unescaped = [
        ("&#38;", "&"),
        ("&#34;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#39;", "'"),
    ];
    Some(
        unescaped
            .iter()
            .fold(value.to_owned(), |value, (from, to)| {
                value.replace(from, to)
            }),
    )
}
