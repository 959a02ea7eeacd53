//! What robs an English cue of its force: denial, other people's choices, cases that are not given.

use super::pattern::{Pattern, compiled, replaced};
use std::sync::LazyLock;

/// A match of a cue, and what stands around it.
pub(super) struct Guard<'t> {
    pub(super) text: &'t str,
    /// Where the cue begins.
    pub(super) start: usize,
    /// Where the option begins.
    pub(super) option: usize,
    /// Where the option ends.
    pub(super) end: usize,
    /// Where the cue ends.
    pub(super) cue_end: usize,
}

fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.is_match(text)
}

impl Guard<'_> {
    /// Whether the cue is neither denied, nor somebody else's, nor for a case that is not given.
    pub(super) fn lets_pass(&self) -> bool {
        !self.is_denied()
            && !self.is_of_others()
            && !self.is_conditional()
            && !self.is_called_wrong()
    }

    fn before(&self) -> &str {
        self.text.get(..self.option).unwrap_or_default()
    }

    /// The clause in which the cue stands, up to the option.
    fn clause(&self) -> &str {
        let cue = self.text.get(self.start..self.option).unwrap_or_default();
        if cue.starts_with([',', ':', ';', '—', '–']) {
            return cue;
        }
        let reason = ["because", "since", "as ", "given", "considering"];
        if reason.iter().any(|word| cue.starts_with(word)) {
            return cue.rsplit(',').next().unwrap_or_default();
        }
        let lead = self.text.get(..self.start).unwrap_or_default();
        let breaks = [
            ",",
            ":",
            ";",
            " so ",
            " and ",
            " therefore ",
            " hence ",
            " thus ",
            " because ",
            " since ",
            "—",
            "–",
        ];
        let from = breaks
            .iter()
            .filter_map(|sign| lead.rfind(sign).map(|at| at + sign.len()))
            .max()
            .unwrap_or(0);
        self.text.get(from..self.option).unwrap_or_default()
    }

    fn is_denied(&self) -> bool {
        static DENIED: Pattern = LazyLock::new(|| {
            compiled(
                r"\b(?:not|don't|doesn't|didn't|cannot|can't|won't|wouldn't|couldn't|shouldn't|never|hardly|doubt|isn't|aren't|wasn't|nor|neither|no longer|unlikely|wrong(?:ly)?|incorrect(?:ly)?|mistaken(?:ly)?|worst|weakest|riskiest|(?:fits?|suits?) (?:\w+ )?least|least (?:well|likely|suitable|appropriate|helpful|effective|fitting|accurate|ethical|compatible)|(?:next|second)[- ]best|second (?:choice|answer)|tempting|popular|trap|distractors?|runner-up|alternative|other (?:answer|choice|option)|another|worse|harmful|false|previous|earlier|former|initial(?:ly)?|at first|first (?:guess|thought|instinct|impression|reaction)|almost|nearly|tempted|going to (?:choose|pick|say)|was going|eliminat\w+|exclud\w+|rul\w+ out|reject\w*|discard\w*|common(?:ly)? (?:chosen|picked|answer|choice|mistake)|against|refus\w+|too|unless|whether|maybe|perhaps|possibly|might|could|may|considered|lean towards neither|depends)\b",
            )
        });
        static HARMLESS: Pattern = LazyLock::new(|| {
            compiled(
                r"\b(?:on second thoughts?|if not (?:sure|certain)|no doubt|by elimination|least (?:harmful|restrictive|risky|intrusive)|without (?:a )?doubt|not only|why not|cannot but|could only be|can only be|could be argued|might well)\b",
            )
        });
        let clause = replaced(&HARMLESS, self.clause(), |_| String::new());
        matches(&DENIED, &clause)
    }

    fn is_of_others(&self) -> bool {
        static OTHERS: Pattern = LazyLock::new(|| {
            compiled(
                r"\b(?:some|others|many (?:people|students|clinicians|would)|most (?:people|students|clinicians|would)|people|students?|clinicians|colleagues|someone|somebody|anyone|they|he|she|wife|husband|mother|father|brother|sister|parents|family|relatives|patient|client|textbooks?|examiners?|critics?|friends?|boss|employer|teacher|lawyer|novices?|beginners?)\b[^,:]{0,40}\b(?:(?:would|might|may|could|will) (?:\w+ )?(?:choose|pick|select|say|argue|prefer|go|opt|think|answer|want|take|like|vote|favou?r|lean)|wants?|wanted|wish(?:es)?|prefers?|thinks?|says?|said|believes?|argues?|claims?|chose|chooses|picks?|insists?|suggests?|asks?|asked|told|begged|urged)\b",
            )
        });
        // "He has asked for it, so A": what follows is the writer's own.
        let cue = self.text.get(self.start..self.option).unwrap_or_default();
        let concludes = cue.strip_prefix([',', ';']).is_some_and(|cue| {
            ["so ", "therefore", "thus", "hence"]
                .iter()
                .any(|word| cue.trim_start().starts_with(word))
        });
        !concludes && matches(&OTHERS, self.before())
    }

    fn is_conditional(&self) -> bool {
        static CASE: Pattern = LazyLock::new(|| {
            compiled(
                r"^\W*(?:(?:but|and|so|then|though|only|even|of course|now|because|however),? )*(?:if|unless|were (?:he|she|it|they|there|the)|had (?:he|she|it|they|the)|suppose|supposing|assuming|imagine|in case|should (?:he|she|it|they|the)|in (?:another|other|some|a different) (?:case|setting|country|situation)|for (?:another|other|children|adolescents)|otherwise)\b",
            )
        });
        static FORCED: Pattern = LazyLock::new(|| {
            compiled(
                r"^\W*(?:(?:but|and|so|even|however),? )*if (?:(?:i|you|we|one)\b[^,]{0,40}(?:had to|have to|must|forced|want|need|could|can|may|ask|pressed|insist|settle|choose|pick)|forced|pressed|only one|pushed)",
            )
        });
        static AFTER: Pattern = LazyLock::new(|| {
            compiled(
                r"^,?\s*(?:only |but only |even )?(?:if|unless|in case|provided|were (?:he|she|it)|had (?:he|she|it))\b",
            )
        });
        static AFTER_WOULD: Pattern = LazyLock::new(|| {
            compiled(
                r"^(?:[\s,]+\w+){0,4}[\s,]+(?:only )?(?:if|unless|were (?:he|she|it|they)|had (?:he|she|it|they)|in (?:another|other|adolescents|children))\b",
            )
        });
        // "Even if A is quicker, B is right" speaks of the case that is given.
        let conceded = self.before().trim_start().starts_with("even if")
            && self.text.get(..self.start).is_some_and(|lead| lead.contains(','));
        let conditional =
            matches(&CASE, self.before()) && !matches(&FORCED, self.before()) && !conceded;
        let after = self.text.get(self.end..).unwrap_or_default();
        let rest = self.text.get(self.cue_end..).unwrap_or_default();
        let would =
            self.text.get(self.start..self.cue_end).is_some_and(|cue| cue.contains("would"));
        conditional
            || matches(&AFTER, after)
            || matches(&AFTER, rest)
            || would && matches(&AFTER_WOULD, rest)
    }

    fn is_called_wrong(&self) -> bool {
        static WRONG: Pattern = LazyLock::new(|| {
            compiled(
                r"^\s*(?:,?\s*(?:which |that )?(?:is|was|would be|are|seems) (?:(?:clearly|also|simply|just|plainly|however|not|far|quite|the|an?|most|more|very) )*)?(?:wrong|incorrect|out\b|isn't|doesn't|too \w+|inappropriate|tempting|popular|obvious (?:trap|distractor)|attractive|dangerous|harmful|common (?:wrong|mistake|error|distractor)|last resort|can be (?:ruled|excluded|eliminated)|ruled out|excluded|eliminated|fails|misses|ignores)|^\s*(?:is|was|would|does|did)\s+not\b",
            )
        });
        matches(&WRONG, self.text.get(self.end..).unwrap_or_default())
    }
}
