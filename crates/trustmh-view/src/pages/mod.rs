//! Pages, made on the server. What a model wrote is text in them and nothing else.

pub(crate) mod agreement;
pub(crate) mod calls;
pub(crate) mod card;
pub(crate) mod compare;
pub(crate) mod export;
mod forgotten;
pub(crate) mod marks;
pub(crate) mod new_run;
pub(crate) mod rate;
pub(crate) mod runs;
pub(crate) mod setup;
mod tabs;
mod talk;
pub(crate) mod trial;
pub(crate) mod trials;
pub(crate) mod watch;
pub(crate) mod worst;

use maud::{DOCTYPE, Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

use trustmh_core::inert::inert;

use crate::error::ViewError;
use crate::runs::Opened;
use crate::viewer::Viewer;

/// So many characters of a text are shown; the whole of it can be saved.
const SHOWN: usize = 60_000;

/// What pages are made of.
pub(crate) struct Site<'v> {
    pub(crate) viewer: &'v Viewer,
    /// The beginning of every address: the token.
    pub(crate) base: &'v str,
}

/// Whether a page is asked for again by itself.
enum Refresh {
    Never,
    Seconds(u32),
}

/// How much of a wide window a page takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// As much as a text.
    Text,
    /// As much as tables need.
    Wide,
}

impl Width {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Wide => Some("wide-page"),
        }
    }
}

/// Ways to the page before and after, counted from 0; nothing where there is one page alone.
fn page_turns(shown: u64, last: u64, to: impl Fn(u64) -> String) -> Markup {
    html! {
        @if last > 0 {
            nav aria-label="Pages" {
                @if shown > 0 { a href=(to(shown - 1)) rel="prev" { "Previous" } }
                span { "Page " (shown + 1) " of " (last + 1) }
                @if shown < last { a href=(to(shown + 1)) rel="next" { "Next" } }
            }
        }
    }
}

impl Site<'_> {
    fn open(&self, run: &str) -> Result<Arc<Opened>, ViewError> {
        self.viewer.runs.open(&self.viewer.benchmark, run)
    }

    /// An address below the token, its parameters escaped.
    fn to(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let mut address = format!("{}{path}", self.base);
        for (place, (name, value)) in parameters.iter().enumerate() {
            let joint = if place == 0 { '?' } else { '&' };
            address.push_str(&format!("{joint}{name}={}", escaped(value)));
        }
        address
    }

    fn of_run(&self, run: &str, page: &str, parameters: &[(&str, &str)]) -> String {
        self.to(&format!("/run/{}{page}", escaped(run)), parameters)
    }

    /// A whole page.
    fn page(&self, title: &str, body: &Markup) -> String {
        self.page_that(Refresh::Never, Width::Text, title, body)
    }

    fn page_of(&self, width: Width, title: &str, body: &Markup) -> String {
        self.page_that(Refresh::Never, width, title, body)
    }

    fn page_that(&self, refresh: Refresh, width: Width, title: &str, body: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    // Other sites are told nothing; without this the viewer's own forms would come from nowhere (`Origin: null`).
                    meta name="referrer" content="same-origin";
                    @if let Refresh::Seconds(seconds) = refresh { meta http-equiv="refresh" content=(seconds); }
                    title { (title) " · TrustMH" }
                    link rel="icon" href=(self.to("/icon.svg", &[]));
                    link rel="stylesheet" href=(self.to("/style.css", &[]));
                    script src=(self.to("/keys.js", &[])) defer {}
                    script src=(self.to("/read.js", &[])) defer {}
                }
                body class=[width.class()] {
                    nav aria-label="Site" {
                        a href=(self.to("/", &[])) { "Runs" }
                        @if self.viewer.starting.is_some() { a href=(self.to("/new", &[])) { "New run" } }
                    }
                    (body)
                }
            }
        };
        // Nothing a model wrote may turn the page round or hide in it.
        inert(&page.into_string())
    }
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For a place in an address.
fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The beginning of a text, and whether it is all of it.
fn beginning(text: &str) -> (&str, bool) {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), false),
        None => (text, true),
    }
}

/// What is read before any reply.
pub(crate) fn warning(site: &Site<'_>, next: &str) -> String {
    let body = html! {
        main {
            h1 { "Before you read on" }
            p.warn { "The next pages show prompts and replies about crisis, self-harm, suicide, abuse, violence and prejudice. They "
                "were written to test models. Some replies are harmful." }
            p { "Read with breaks, not alone if you can help it, and stop when you want to. If it touches something in your own life, "
                "talk to somebody you trust. If you or somebody else may be in danger, call the emergency number or a crisis line "
                "where you are; findahelpline.com lists them by country." }
            form method="post" action=(site.to("/seen", &[])) {
                input type="hidden" name="next" value=(next);
                button type="submit" autofocus { "I have read this; show them" }
            }
        }
    };
    site.page("Before you read on", &body)
}

/// What is shown instead of a page that could not be made.
pub(crate) fn fault(site: &Site<'_>, error: &ViewError) -> String {
    let body = html! { main { h1 { "This page cannot be shown" } p.warn { (error) } } };
    site.page("No page", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place_in_an_address() {
        assert_eq!(escaped("a/b?c&d=é\"<"), "a%2Fb%3Fc%26d%3D%C3%A9%22%3C");
    }
}
