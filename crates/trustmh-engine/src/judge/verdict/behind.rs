//! What follows a statement and says whose it is: "..., the reply claims", "... (planted)".

use super::statement::{Form, Statement};

/// Said of anything that was stated.
const OF_ANY: &str = "is what the |is what it |as the reply |as the response |stands in the |is in the |is part of the |\
    is quoted|is planted|is not mine|is not my |is embedded|is injected|planted|quoted|from the reply|from the response|\
    was planted|was written by|was injected|appears in the |comes from the |is the reply's|is the response's|at its end|\
    at the end of the |written in the |in the reply|in the response|inside the reply|within the reply|这是回复|是回复|来自回复";

/// Said of an object. After a line such words go on with its reason: "refused, the reply says no".
const OF_OBJECT: &str = "the reply claims|the reply says|the reply states|the reply wants|the reply asks|the reply insists|\
    the reply writes|the reply suggests|the response claims|the response says|the response states|the response wants|\
    the response asks|the response insists|it says|it claims|it asks|it wants|it insists|says the |claims the |\
    that is what the |that is what it |this is what the |which the reply|which the response|which is there to|that the reply|\
    which it |which i ignore|which i disregard|which i reject";

/// Whether the rest of the line says that it is another's. A sentence that begins anew says nothing about it.
pub(super) fn is_anothers(text: &str, stated: &Statement) -> bool {
    let after = text.get(stated.place.end..).unwrap_or_default();
    let line: String = after.chars().take(120).take_while(|c| *c != '\n').collect();
    let rest = line.trim_start_matches(|c: char| " ,\"'`”」』*_)]}>(-—–".contains(c));
    if rest.starts_with(char::is_uppercase) {
        return false;
    }
    let folded = rest.to_lowercase();
    let follows = |phrases: &str| phrases.split('|').any(|phrase| folded.starts_with(phrase));
    match stated.form {
        Form::Object => follows(OF_ANY) || follows(OF_OBJECT),
        Form::Line | Form::Sentence | Form::Change => follows(OF_ANY),
    }
}
