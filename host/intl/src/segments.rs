//! `Intl.Segmenter`.

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use serde::Deserialize;

/// Set on the end of a segment that is like a word.
const WORD_LIKE: u32 = 1 << 31;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Options {
    granularity: String,
}

pub enum Granularity {
    Grapheme,
    Word,
    Sentence,
}

impl Granularity {
    pub fn new(options: Options) -> Self {
        match options.granularity.as_str() {
            "word" => Self::Word,
            "sentence" => Self::Sentence,
            _ => Self::Grapheme,
        }
    }

    pub fn segments(&self, text: &str) -> Vec<u32> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let ends: Vec<u32> = match self {
            Self::Grapheme => GraphemeClusterSegmenter::new()
                .segment_utf16(&units)
                .map(|end| end as u32)
                .collect(),
            Self::Sentence => SentenceSegmenter::new(SentenceBreakInvariantOptions::default())
                .segment_utf16(&units)
                .map(|end| end as u32)
                .collect(),
            // By dictionary where a script has no spaces: ICU4X's neural model takes a thousand times as long.
            Self::Word => WordSegmenter::new_dictionary(WordBreakInvariantOptions::default())
                .segment_utf16(&units)
                .iter_with_word_type()
                .map(|(end, word)| end as u32 | if word.is_word_like() { WORD_LIKE } else { 0 })
                .collect(),
        };
        // The first boundary is the beginning.
        ends.into_iter()
            .filter(|end| end & !WORD_LIKE != 0)
            .collect()
    }
}
