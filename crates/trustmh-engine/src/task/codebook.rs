//! The schemes and scales of a task's items.

use trustmh_core::codebook::{LabelScheme, RatingScale};
use trustmh_core::id::ItemId;
use trustmh_core::item::{Labelled, Rated};

use super::Task;
use crate::error::EngineError;

impl Task {
    /// The scheme of an item's labels.
    ///
    /// # Errors
    /// [`EngineError::NotInCodebook`], listing the schemes there are.
    pub fn scheme(&self, item: &ItemId, labelled: &Labelled) -> Result<&LabelScheme, EngineError> {
        self.codebook.scheme(&labelled.scheme).ok_or_else(|| EngineError::NotInCodebook {
            item: item.clone(),
            field: "scheme",
            name: labelled.scheme.to_string(),
            expected: self.codebook.schemes_but_not(&labelled.scheme),
        })
    }

    /// The scale on which an item is rated.
    ///
    /// # Errors
    /// [`EngineError::NotInCodebook`], listing the scales there are.
    pub fn scale(&self, item: &ItemId, rated: &Rated) -> Result<&RatingScale, EngineError> {
        self.codebook.scale(&rated.scale).ok_or_else(|| EngineError::NotInCodebook {
            item: item.clone(),
            field: "scale",
            name: rated.scale.to_string(),
            expected: self.codebook.scales_but_not(&rated.scale),
        })
    }
}
