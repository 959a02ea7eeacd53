//! How a reply stands to something that it names: gives it, denies it, doubts it, or only mentions it.

use super::wording::{head, pattern, says, tail};

/// How the writer stands to what is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// It is given, or at least neither denied nor doubted.
    Affirmed,
    /// "Not this."
    Denied,
    /// "It might be this."
    Doubted,
    /// Named in a comparison, a case that is not given, somebody else's view, or an explanation.
    Aside,
}

/// The stance to what stands between `before` and `after`, both of the same sentence, in plain words.
pub(super) fn stance(before: &str, after: &str) -> Stance {
    let (before, after) = (tail(before), head(after));
    let (clause, _) = clause_before(before);
    let clause = clause.replace("no doubt", "").replace("without a doubt", "");
    let clause = clause.replace("without doubt", "").replace("without question", "");
    let clause = behind_the_contrast(&clause);
    if supposed(before, after) || aside_after(after) {
        return Stance::Aside;
    }
    if doubted(clause, after) {
        return Stance::Doubted;
    }
    if denied_before(clause) || denied_under_heading(before) || denied_after(after) {
        return Stance::Denied;
    }
    if aside_before(clause) { Stance::Aside } else { Stance::Affirmed }
}

/// "Rather than X I'd call it Y": what is said of Y, where no comma parts the two.
fn behind_the_contrast(clause: &str) -> &str {
    let contrast = pattern!(
        r"\b(?:rather than|instead of|as opposed to|unlike)\b[^,;:]{1,40}? (?:i'd|i'll|i would|i will|we'd|it is|it's|this is)\b"
    );
    let end = contrast.and_then(|contrast| contrast.find(clause)).map_or(0, |found| found.end());
    clause.get(end..).unwrap_or_default()
}

/// What stands before the name in its own clause. "Not X but Y": the clause of Y begins after "but".
/// Gives the words that open the clause, too.
pub(super) fn clause_before(before: &str) -> (&str, &str) {
    let Some(breaks) = pattern!(
        r"[,;:()\[\]\n!?。]| - |\b(?:but|however|so|therefore|thus|hence|because|since)\b",
        r"|而是|但是|但|所以|因此|因为"
    ) else {
        return (before, "");
    };
    let last = breaks.find_iter(before).last();
    let (start, opened_by) = last.map_or((0, ""), |found| (found.end(), found.as_str()));
    (before.get(start..).unwrap_or_default(), opened_by)
}

fn denied_before(clause: &str) -> bool {
    let only = says(pattern!(r"\bnot (?:only|just|merely|simply)\b|\bnone other than\b"), clause);
    !only
        && says(
            pattern!(
                r"\b(?:no|not|non|never|without|neither|nor|none|cannot|hardly|nothing|against|lacks?|lacking|absence|",
                r"denies|denied|denying|rather than|instead of|as opposed to|unlike|far from|free (?:of|from)|",
                r"rul(?:e|es|ed|ing) out|exclud(?:e|es|ed|ing)|anything but|unrelated to|other than|fails? to|insufficient|unable to (?:find|see|detect|identify)|",
                r"dismiss(?:ed|es)?|little to|scarcely|barely|(?:wrong|incorrect|mistake|misleading|overstated|exaggerated|too much|too strong|inaccurate) to|reject(?:ed|s)?|isnt|doesnt|dont|didnt|wouldnt|cant)\b|n't\b",
                r"|没|毫无|并无|无(?:明显|任何|相关|显著|直接)|无.?$|不(?:是|属|存在|表|符|构成|涉|包|能|应|算|像|含|具|认为|支持|提|显)|并不|并非|而非",
                r"|未(?:见|表|提|显|出|发|达|涉|有|体)|排除|否认|缺乏|与其|非$"
            ),
            clause,
        )
}

/// "Ruled out: X", "Not present: X".
fn denied_under_heading(before: &str) -> bool {
    says(
        pattern!(
            r"\b(?:not (?:present|indicated|applicable|found|it|this)|absent|ruled out|excluded|denied|rejected)",
            r"[a-z ]{0,20}: ?[a-z_, -]*$|\b(?:everything|anything|all) but (?:an? )?$|(?:排除|不包括): ?$"
        ),
        before,
    )
}

fn denied_after(after: &str) -> bool {
    says(
        pattern!(
            r#"^[\s"')\]]*(?:(?:as|the|a|label|category|level|rating|signs?|symptoms?|alone|itself|here|risk)\s+){0,3}"#,
            r"(?:(?:is|was|are|were|does|do|did|can|could|would|should|seems?|appears?|has|have|had|will)",
            r"(?:n't| (?:\w+ly )?(?:not|never|hardly|neither)|not)\b",
            r"|(?:is|are|was|can be|could be|would be|seems?|appears?|has been|have been) (?:\w+ly )?(?:absent|excluded|",
            r"ruled out|out of|wrong|incorrect|unlikely|missing|lacking|inappropriate|unsupported|too |off\b|no\b)",
            r"|[:=|-] ?(?:no|none|not|nothing|absent|false|n/a|nil|negative|denied|rejected)\b",
            r"|[:=|-]? ?(?:✗|✘|×|❌))",
            r#"|^[\s"')]*:? ?(?:的)?(?:迹象|症状|表现|标签|倾向|行为)?"#,
            r"(?:也|都|并)?(?:不(?:成立|符合|适用|明显|存在|是|属|合适|准确|足|够|算|对)|没|无|未|否|(?:可以|可|被)?排除)"
        ),
        after,
    )
}

fn doubted(clause: &str, after: &str) -> bool {
    says(
        pattern!(
            r"\b(?:might|may|could|possibly|perhaps|maybe|whether|unclear|unsure|uncertain|doubtful|potential(?:ly)?|arguably|doubt|doubts|at least|at most|more than|less than)\b",
            r"|\b(?:can't|cannot|can not|couldn't|unable to|hard to|difficult to|impossible to|not) (?:\w+ )?",
            r"(?:rule out|exclude|tell|say|sure|certain|determine|know|decide|judge)\b",
            r"|也许|或许|是否|不确定|无法判断|难以|无法排除|不能排除"
        ),
        clause,
    ) || (says(pattern!(r"可能"), clause) && !says(pattern!(r"(?:很|最|极有)可能"), clause))
        || says(
            pattern!(
                r#"^[\s"')]*(?:(?:is|are|may be|might be|could be|would be) (?:also )?(?:possible|conceivable|unclear|uncertain)|"#,
                r"(?:might|may|could|cannot be ruled|can't be ruled|cannot be excluded|can't be excluded)\b|, (?:maybe|perhaps|possibly)\b|(?:or|to|between)\W*$)"
            ),
            after,
        )
}

/// A case that is not given: "if she had a plan, I would call it X".
fn supposed(before: &str, after: &str) -> bool {
    let forced = pattern!(
        r"\bif (?:i (?:had|have) to|i must|forced|pressed|anything|you (?:ask|must|need|insist|want)|only one)\b"
    );
    let conditional = pattern!(
        r"\b(?:if|unless|suppose|supposing|imagine (?:that|if|he|she|they|an?|the|someone)|in case)\b|\bhad (?:he|she|they|the|it|there)\b|\bwere (?:he|she|it|there|the)\b",
        r"|如果|假如|倘若|要是|若是|除非"
    );
    let supposes = |text: &str| says(conditional, text) && !says(forced, text);
    // "X; had she a plan, it would be Y": the case begins behind X.
    let after = after.split(';').next().unwrap_or_default();
    supposes(before)
        || (supposes(after)
            && says(pattern!(r"\b(?:would|wouldn't|were|had)\b"), &format!("{before} {after}")))
}

fn aside_before(clause: &str) -> bool {
    says(
        pattern!(
            r"\b(?:some|others|a few|someone|somebody|another \w+|one (?:might|may|could|can)|critics|the user|the author) ",
            r"(?:\w+ ){0,3}?(?:would|might|may|could|can|say|says|call|calls|argue|think|thinks|wants?|wanted|asks?|asked)\b",
            r"|\b(?:close|similar|akin|next|near|compared|comparable|in contrast|contrary|opposite) (?:to|with|of)\b|\bthan\b",
            r"|\b(?:resembl\w+|overlap\w*|border(?:s|ing)? on|differs?|distinguish\w*|confus\w+|mistak\w+|reminiscent)\b",
            r"|\b(?:although|though|despite|while|whereas|in spite of|regardless of|apart from|besides|as for|as to|regarding)\b",
            r"|\b(?:options?|labels|categories|levels|choices|alternatives|candidates) (?:are|were|include|considered|listed|like|such as)\b",
            r"|\b(?:choose|chosen|decide|choice|choosing) (?:from|between|among)\b|\bone of (?:the|these|those|several|two|three)\b|\bscale (?:of|from)\b|\bsuch as\b",
            r"|\b(?:first|initial) (?:impression|thought|guess|instinct|reading|idea)\b|\bat first\b|\binitially\b",
            r"|\d (?:means|meaning|stands for|denotes|represents) \W?$",
            r"|\b(?:was|were|had been) (?:\w+ )?(?:going|about|inclined|tempted) to\b|\b(?:nearly|almost) (?:said|chose|picked|went|put|gave)\b",
            r"|虽然|尽管|类似|接近|相比|有人|比如|相比之下|最初|起初|一开始|原本|本想|曾想|曾考虑|第一反应"
        ),
        clause,
    )
}

/// "X would need an act", "X is when ...", "-100 means ...": the name is explained.
fn aside_after(after: &str) -> bool {
    says(
        pattern!(
            r#"^[\s"')\]]*(?:(?:label|category|level|rating|option)\s+)?(?:would (?:need|require|mean|imply|call for|be for|fit if|be if|apply)|"#,
            r"is (?:when|for|meant|used|defined|reserved|where|about|close|similar|different|often|usually)\b|",
            r"(?:needs?|requires?|means?|meaning|refers?|stands? for|denotes?|represents?|being|covers?|describes? (?:an?|acts?|people|those|some(?:one|body)|when)|implies)\b",
            r"|意味着|表示|代表|指的是|是指|需要)"
        ),
        after,
    )
}
