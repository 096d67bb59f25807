//! Those who open a link for somebody who has not asked for the picture yet: chats that show what is behind a link, and
//! browsers that fetch what may be asked for next.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderMap},
};
use askama::Template;

use crate::{
    error::ApiError,
    http::{pages, picture_request::PictureRequest},
};

/// What the user agents of those hold that make previews of links, in lower case. `docs/API.md` has the same list.
const UNFURLERS: [&str; 26] = [
    "applebot",
    "bingbot",
    "bingpreview",
    // Bluesky.
    "cardyb/",
    "discordbot",
    "embedly",
    "facebookexternalhit",
    "facebot",
    "google-pagerenderer",
    "iframely",
    "linkedinbot",
    "mastodon/",
    "meta-externalfetcher",
    "microsoftpreview",
    "pinterestbot",
    "redditbot",
    "skypeuripreview",
    "slack-imgproxy",
    "slackbot",
    "snap url preview",
    // Misskey.
    "summalybot/",
    // Matrix.
    "synapse (bot;",
    "telegrambot",
    "twitterbot",
    "vkshare",
    // Signal calls itself so, too.
    "whatsapp/",
];

/// What browsers say of a request that nobody waits for: with these headers, a value that begins with this word.
const EARLY: [(&str, &str); 4] = [
    ("sec-purpose", "prefetch"),
    ("purpose", "prefetch"),
    ("x-moz", "prefetch"),
    // Safari, for the pictures of its front page.
    ("x-purpose", "preview"),
];

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage;

/// Whether a link is opened for a preview.
pub fn is_wanted(request: &PictureRequest<'_>) -> bool {
    let headers = request.headers();
    let agent = headers.get(header::USER_AGENT);
    agent.is_some_and(|agent| is_unfurler(agent.as_bytes())) || is_early(headers)
}

/// The page that says that a picture waits.
pub fn page() -> Result<HttpResponse, ApiError> {
    pages::html(HttpResponse::Ok(), &PreviewPage)
}

fn is_unfurler(agent: &[u8]) -> bool {
    let agent = String::from_utf8_lossy(agent).to_ascii_lowercase();
    UNFURLERS.iter().any(|name| agent.contains(name))
}

fn is_early(headers: &HeaderMap) -> bool {
    EARLY.iter().any(|(name, word)| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.trim().to_ascii_lowercase().starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_make_previews_are_known() {
        for agent in [
            "WhatsApp/2.23.20.0 A",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Slack-ImgProxy (+https://api.slack.com/robots)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "TelegramBot (like TwitterBot)",
            "Twitterbot/1.0",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "http.rb/5.1.1 (Mastodon/4.2.8; +https://mastodon.example/) Bot",
            "SummalyBot/5.0.2",
            "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
            "Synapse (bot; +https://github.com/matrix-org/synapse)",
            "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 \
             facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 \
             Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
        ] {
            assert!(is_unfurler(agent.as_bytes()), "{agent}");
        }
    }

    #[test]
    fn people_and_programs_are_not_taken_for_previews() {
        for agent in [
            "",
            "curl/8.5.0",
            "python-requests/2.32.3",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/467.0]",
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36 Telegram-Android/10.14.5",
            "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 discord/0.0.309 Chrome/120.0.6099.291 Electron/28.2.10 Safari/537.36",
            "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/126.0.0.0 Electron/31.1.0 Safari/537.36 Slack_SSB/4.39.90",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 [LinkedInApp]/9.29",
        ] {
            assert!(!is_unfurler(agent.as_bytes()), "{agent}");
        }
    }
}
