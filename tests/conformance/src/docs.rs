//! The parts of documentation pages that suites write: what stands between `<!-- name -->` and `<!-- /name -->`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Replaces a part of the page.
///
/// # Errors
/// The page has no such part.
pub fn write(page: &Path, part: &str, text: &str) -> Result<()> {
    let (open, close) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->"));
    let whole = fs::read_to_string(page).with_context(|| format!("`{}`", page.display()))?;
    let (before, rest) = whole
        .split_once(&open)
        .with_context(|| format!("`{}` has no `{}`", page.display(), open.trim()))?;
    let (_, after) = rest
        .split_once(&close)
        .with_context(|| format!("`{}` has no `{close}`", page.display()))?;
    fs::write(page, format!("{before}{open}{text}{close}{after}"))?;
    Ok(())
}
