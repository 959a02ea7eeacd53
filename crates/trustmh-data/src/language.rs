//! In which language a text is, as far as its signs tell.

/// `zh` where more than a third of the letters are Chinese, else `en`. Words of Chinese have few signs.
pub(crate) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> &'static str {
    let (mut all, mut chinese) = (0_usize, 0_usize);
    for sign in texts.flat_map(str::chars).filter(|sign| sign.is_alphabetic()) {
        all += 1;
        chinese += usize::from(('\u{4e00}'..='\u{9fff}').contains(&sign));
    }
    if chinese * 3 > all { "zh" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn chinese_is_told_by_its_signs() {
        assert_eq!(of(["hello", "你好，最近怎么样？"].into_iter()), "zh");
        assert_eq!(of(["hello there, how are you?", "你好"].into_iter()), "en");
        assert_eq!(of(["", "123"].into_iter()), "en");
    }
}
