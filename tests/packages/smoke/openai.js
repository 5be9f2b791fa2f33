// openai
import OpenAI from "openai";
export default async ({ env, equal }) => {
  const client = new OpenAI({ apiKey: "k", baseURL: `${env.UPSTREAM}/openai`, maxRetries: 0 });
  const stream = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
  let text = ""; for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  equal(text, "Hello there");
};
