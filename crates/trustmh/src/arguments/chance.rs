//! Probabilities as they are typed.

/// A probability strictly between 0 and 1: with either end nothing, or everything, would be found.
///
/// # Errors
/// Says what was typed, and what would be right.
pub(crate) fn chance(typed: &str) -> Result<f64, String> {
    let chance: f64 = typed.parse().map_err(|_| "give a number such as 0.05".to_owned())?;
    match chance > 0.0 && chance < 1.0 {
        true => Ok(chance),
        false => Err("give a probability between 0 and 1; 5 % is 0.05".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::chance;

    #[test]
    fn a_probability_lies_between_0_and_1() {
        assert_eq!(chance("0.05"), Ok(0.05));
        for typed in ["5", "0", "1", "-0.1", "nan", "inf"] {
            assert!(chance(typed).unwrap_err().contains("between 0 and 1"), "{typed}");
        }
        assert!(chance("5%").unwrap_err().contains("a number"));
    }
}
