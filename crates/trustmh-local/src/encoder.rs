//! A sentence encoder: texts become vectors of which near ones mean alike.

use candle_core::{D, DType, Device, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear};
use std::path::Path;
use tokenizers::Tokenizer;

use crate::error::LocalError;

/// How many numbers a text becomes.
pub const DIMENSIONS: usize = 384;

/// The layers that are read. The last two of the model's six serve likeness of topics; what a reply does with a request is told
/// better by those before (measured: docs/decisions/0025-validity.md).
pub const LAYERS: usize = 4;

/// The most tokens that are read of a text, those of its frame included.
pub const MOST_TOKENS: usize = 512;

const HEADS: usize = 12;
const INNER: usize = 4 * DIMENSIONS;
const VOCABULARY: usize = 30_522;
const EPSILON: f64 = 1e-12;

/// What ends a text that was cut.
const SEPARATOR: u32 = 102;

/// The first layers of all-MiniLM-L6-v2 (a BERT, Devlin et al. 2019, arXiv 1810.04805). Threads may share it.
pub struct Encoder {
    tokenizer: Tokenizer,
    words: Embedding,
    places: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    /// Loads the weights and the vocabulary, as [`crate::MINILM`] locates them.
    ///
    /// # Errors
    /// [`LocalError`] for files that cannot be read as this model.
    pub fn load(weights: &Path, vocabulary: &Path) -> Result<Self, LocalError> {
        let mut tokenizer = Tokenizer::from_file(vocabulary).map_err(tokenizing)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(tokenizing)?;
        let bytes = std::fs::read(weights).map_err(LocalError::io(weights))?;
        let file = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)?;
        let of_words = file.pp("embeddings");
        let places = of_words.get((MOST_TOKENS, DIMENSIONS), "position_embeddings.weight")?;
        // All that is read is of one kind, so that its mark is the same everywhere.
        let kind = of_words.get((2, DIMENSIONS), "token_type_embeddings.weight")?.get(0)?;
        let layer = |number| Layer::load(&file.pp(format!("encoder.layer.{number}")));
        Ok(Self {
            tokenizer,
            words: embedding(VOCABULARY, DIMENSIONS, of_words.pp("word_embeddings"))?,
            places: places.broadcast_add(&kind)?,
            norm: layer_norm(DIMENSIONS, EPSILON, of_words.pp("LayerNorm"))?,
            layers: (0..LAYERS).map(layer).collect::<Result<_, _>>()?,
        })
    }

    /// The vector of a text after `layers` layers: the mean over its tokens, of length 1 (Reimers & Gurevych 2019,
    /// arXiv 1908.10084, section 3). At most [`LAYERS`] layers are there; of the text the first `tokens` tokens are read, at most
    /// [`MOST_TOKENS`].
    ///
    /// # Errors
    /// [`LocalError::Tokenizer`] or [`LocalError::Model`].
    pub fn vector(&self, text: &str, tokens: usize, layers: usize) -> Result<Vec<f32>, LocalError> {
        let ids = self.ids(text, tokens.min(MOST_TOKENS))?;
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let places = self.places.narrow(0, 0, ids.dim(0)?)?;
        let mut states = self.norm.forward(&(self.words.forward(&ids)? + places)?)?;
        for layer in self.layers.iter().take(layers) {
            states = layer.forward(&states)?;
        }
        let mean = states.mean(0)?;
        let length = mean.sqr()?.sum_all()?.sqrt()?;
        Ok(mean.broadcast_div(&length)?.to_vec1()?)
    }

    fn ids(&self, text: &str, most: usize) -> Result<Vec<u32>, LocalError> {
        let mut ids =
            self.tokenizer.encode_fast(text, true).map_err(tokenizing)?.get_ids().to_vec();
        if ids.len() > most {
            ids.truncate(most);
            if let Some(last) = ids.last_mut() {
                *last = SEPARATOR;
            }
        }
        Ok(ids)
    }
}

fn tokenizing(error: tokenizers::Error) -> LocalError {
    LocalError::Tokenizer(error.to_string())
}

/// One layer: every token looks at all others, then is worked on by itself.
struct Layer {
    /// Queries, keys and values in one.
    looks: Linear,
    joined: Linear,
    norm: LayerNorm,
    widened: Linear,
    narrowed: Linear,
    norm_after: LayerNorm,
}

impl Layer {
    fn load(file: &VarBuilder<'_>) -> Result<Self, candle_core::Error> {
        let (attention, output) = (file.pp("attention"), file.pp("output"));
        let of = |name: &str| linear(DIMENSIONS, DIMENSIONS, attention.pp("self").pp(name));
        let parts = [of("query")?, of("key")?, of("value")?];
        let weights: Vec<&Tensor> = parts.iter().map(Linear::weight).collect();
        let biases: Vec<&Tensor> = parts.iter().filter_map(Linear::bias).collect();
        Ok(Self {
            looks: Linear::new(Tensor::cat(&weights, 0)?, Some(Tensor::cat(&biases, 0)?)),
            joined: linear(DIMENSIONS, DIMENSIONS, attention.pp("output").pp("dense"))?,
            norm: layer_norm(DIMENSIONS, EPSILON, attention.pp("output").pp("LayerNorm"))?,
            widened: linear(DIMENSIONS, INNER, file.pp("intermediate").pp("dense"))?,
            narrowed: linear(INNER, DIMENSIONS, output.pp("dense"))?,
            norm_after: layer_norm(DIMENSIONS, EPSILON, output.pp("LayerNorm"))?,
        })
    }

    /// `states`: tokens by dimensions.
    fn forward(&self, states: &Tensor) -> Result<Tensor, candle_core::Error> {
        let tokens = states.dim(0)?;
        let width = DIMENSIONS / HEADS;
        let looks = self.looks.forward(states)?.reshape((tokens, 3, HEADS, width))?;
        let part = |which| looks.narrow(1, which, 1)?.squeeze(1)?.transpose(0, 1)?.contiguous();
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        let scores = (query.matmul(&key.transpose(1, 2)?)? / (width as f64).sqrt())?;
        let seen = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&value)?;
        let seen = seen.transpose(0, 1)?.contiguous()?.flatten_from(D::Minus2)?;
        let states = self.norm.forward(&(self.joined.forward(&seen)? + states)?)?;
        let wide = self.widened.forward(&states)?.gelu_erf()?;
        self.norm_after.forward(&(self.narrowed.forward(&wide)? + states)?)
    }
}
