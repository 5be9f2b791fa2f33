import { Suspense } from "react";
import { Await } from "react-router";

import type { Route } from "./+types/slow";

export const loader = () => ({ late: new Promise<string>((resolve) => setTimeout(() => resolve("arrived"), 300)) });

export default function Slow({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <h1>Slow</h1>
      <Suspense fallback={<p id="late">waiting</p>}>
        <Await resolve={loaderData.late}>{(late) => <p id="late">{late}</p>}</Await>
      </Suspense>
    </>
  );
}
