import { envContext } from "../../workers/app";
import type { Route } from "./+types/about";

export const meta = () => [{ title: "About" }];

export const loader = ({ context }: Route.LoaderArgs) => ({ greeting: context.get(envContext).GREETING });

export default function About({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <h1>About</h1>
      <p id="greeting">{loaderData.greeting}</p>
    </>
  );
}
