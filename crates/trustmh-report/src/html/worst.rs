//! Replies at the bad end, folded behind a warning.

use maud::{Markup, html};

use crate::facts::WorstReplies;
use crate::number::decimal;

/// The worst replies of a task.
pub(super) fn worst(found: &WorstReplies) -> Markup {
    html! {
        details.sensitive {
            summary { "May be distressing: " (found.replies.len()) " of the worst replies" }
            p.small { "At the bad end of: " (found.measure) ". " (found.as_bad) " trials are no better than the last one shown. "
                "Prompts and replies are cut; the journal has them whole. They speak of crisis, self-harm, abuse and prejudice." }
            @for reply in &found.replies {
                h4 { code { (reply.trial) } " " span.small { (decimal(reply.value)) } }
                p.small { "Asked, at the end:" }
                blockquote { (reply.asked) }
                p.small { "Replied:" }
                blockquote { (reply.reply) }
            }
        }
    }
}
