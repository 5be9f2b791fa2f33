// effect
import { Effect, Schedule, Schema } from "effect";
export default async ({ equal }) => {
  let tries = 0; const flaky = Effect.suspend(() => (++tries < 3 ? Effect.fail("no") : Effect.succeed(tries)));
  equal(await Effect.runPromise(flaky.pipe(Effect.retry(Schedule.recurs(5)))), 3);
  equal(await Effect.runPromise(Effect.all([Effect.sleep("2 millis").pipe(Effect.as(1)), Effect.succeed(2)], { concurrency: "unbounded" })), [1, 2]);
  equal(Schema.decodeUnknownSync(Schema.Struct({ a: Schema.NumberFromString }))({ a: "5" }), { a: 5 });
};
