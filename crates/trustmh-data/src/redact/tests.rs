use proptest::prelude::*;

use super::*;

fn redacted(text: &str) -> String {
    Redactor::built_in().redact(text).text.into_owned()
}

fn stays(text: &str) {
    assert!(
        matches!(Redactor::built_in().redact(text).text, Cow::Borrowed(_)),
        "{text} -> {}",
        redacted(text)
    );
}

#[test]
fn each_kind_has_its_placeholder() {
    assert_eq!(redacted("Write to ann@example.org."), "Write to [MAIL].");
    assert_eq!(redacted("See https://example.org/a?b=1."), "See [LINK].");
    assert_eq!(redacted("I'm @grey.cat on there"), "I'm [HANDLE] on there");
    assert_eq!(redacted("born on 3 May 1990"), "born on [DATE]");
    assert_eq!(redacted("I live at 9 Mill Lane, York."), "I live at [ADDRESS].");
    assert_eq!(redacted("Call +44 7700 900123 tonight"), "Call [NUMBER] tonight");
    assert_eq!(redacted("My name is Ottilie Vance."), "My name is [NAME].");
}

#[test]
fn counts_are_by_kind_and_add_up() {
    let text = "I'm Maria, my sister Judith is on 0131 496 0999, judith@example.com.";
    let counts = Redactor::built_in().redact(text).counts;
    assert_eq!(
        counts.iter().collect::<Vec<_>>(),
        [(Kind::Mail, 1), (Kind::Number, 1), (Kind::Name, 2)]
    );
    let sum: Counts = [counts.clone(), counts].into_iter().sum();
    assert_eq!((sum.of(Kind::Name), sum.of(Kind::Link), sum.total()), (4, 0, 8));
    assert_eq!(serde_json::to_string(&sum).unwrap(), r#"{"mail":2,"number":2,"name":4}"#);
}

#[test]
fn a_name_found_once_is_replaced_everywhere() {
    assert_eq!(
        redacted("My friend Brindle left. Brindle's bag is still here, brindle knows."),
        "My friend [NAME] left. [NAME]'s bag is still here, brindle knows."
    );
    assert_eq!(redacted("我叫陆知远。知远是爷爷起的名字。"), "我叫[NAME]。[NAME]是爷爷起的名字。");
}

#[test]
fn words_that_are_names_too_need_a_cue() {
    stays("Will you stay until May? I hope so. By the grace of God, in April.");
    assert_eq!(redacted("My partner Will left."), "My partner [NAME] left.");
    assert_eq!(redacted("Dear Hope,\nI miss the summer."), "Dear [NAME],\nI miss the summer.");
}

#[test]
fn small_numbers_amounts_and_years_stay() {
    stays("At 3 am I took 20 mg, 7/10 bad, 120-130 bpm, in 2019, 2020-2021, room 101.");
    stays("I owe 15000 dollars, walk 10000 steps, and it was 3.14159 or 12.05.2024.");
    stays("欠了150000元，走了12000步，心率120-130。");
    stays("Let's count: 5-4-3-2-1, or 1 2 3 4 5 6 7 8.");
}

#[test]
fn digits_of_full_width_are_digits() {
    assert_eq!(redacted("电话１３９００００１２３４"), "电话[NUMBER]");
}

#[test]
fn placeholders_stay_and_are_not_counted() {
    stays("My name is [NAME], call [NUMBER], [MAIL] or [LINK]. Dr. [NAME] lives at [ADDRESS].");
}

#[test]
fn pages_of_crisis_services_stay() {
    stays("Look at https://www.samaritans.org/how or 988lifeline.org.");
    assert_eq!(redacted("Look at notsamaritans.org/how"), "Look at [LINK]");
}

#[test]
fn tables_that_are_broken_are_an_error_that_says_where() {
    let broken = EMBEDDED.replace("version = 1\n", "version = 1\nvolume = 2\n");
    let error = Redactor::parse(&broken).unwrap_err().to_string();
    assert!(error.contains("redaction.toml") && error.contains("volume"), "{error}");
    let broken = EMBEDDED.replacen("mail = [", "mail = ['(',", 1);
    let error = Redactor::parse(&broken).unwrap_err().to_string();
    assert!(error.contains("patterns.mail"), "{error}");
    assert_eq!(Redactor::built_in().version(), 1);
}

/// Pieces that rules look for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "my name is ",
        "Maria",
        " van ",
        "Dr. ",
        "I'm ",
        "my sister ",
        ", ",
        ". ",
        "\n- ",
        "will",
        "Will",
        " [NAME] ",
        "[NAME",
        "12345",
        "+44 ",
        "988",
        " 13 11 14",
        "(",
        ")",
        "-",
        " ",
        "@",
        "a.b@c.de",
        "www.",
        "https://",
        "14 Elm ",
        "Street",
        "Flat 3, ",
        "LS6 9ZZ",
        "我叫",
        "李",
        "晓明",
        "小",
        "阿",
        "老师",
        "市",
        "路",
        "12号",
        "我姐姐",
        "跟",
        "，",
        "生日",
        "3月4日",
        "\u{b}",
        "X",
        "AB",
        "é",
        "’s",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let once = Redactor::built_in().redact(&text);
        prop_assert_eq!(once.counts.total() == 0, once.text == text);
    }

    #[test]
    fn what_is_redacted_once_is_not_redacted_again(text in pieces()) {
        let once = redacted(&text);
        let twice = redacted(&once);
        prop_assert_eq!(&once, &twice, "of {}", text);
    }

    #[test]
    fn findings_are_in_order_and_apart(text in pieces()) {
        let findings = Redactor::built_in().findings(&text);
        for pair in findings.windows(2) {
            prop_assert!(pair[0].range.end <= pair[1].range.start, "{:?}", pair);
        }
    }
}
