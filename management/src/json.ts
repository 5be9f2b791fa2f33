/** Reads JSON bodies. What is wrong with one is told by place and field, in the same words on every engine. */
import { ApiError, invalidField } from "./errors.ts";
import { findFault } from "./json-fault.ts";

/** 20,000 assets with long paths fit. */
export const BODY_BYTES_MAX = 16 << 20;

export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === "") throw invalidField("", "the body is empty: expected a JSON object");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { path, message } = findFault(text);
    throw invalidField(path, `not JSON: ${message}`);
  }
}

async function readText(request: Request): Promise<string> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length > BODY_BYTES_MAX) throw tooLarge();
  if (!Number.isNaN(length) || request.body === null) return request.text();
  // Without a length the body is counted as it comes.
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(): ApiError {
  return new ApiError("too_large", `the body is larger than ${BODY_BYTES_MAX} bytes`);
}
