// @anthropic-ai/sdk
import Anthropic from "@anthropic-ai/sdk";
export default async ({ env, equal }) => {
  const client = new Anthropic({ apiKey: "k", baseURL: `${env.UPSTREAM}/anthropic`, maxRetries: 0 });
  const stream = client.messages.stream({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] });
  let text = ""; stream.on("text", (part) => { text += part; });
  const message = await stream.finalMessage();
  equal([text, message.content[0].text], ["Hello there", "Hello there"]);
};
