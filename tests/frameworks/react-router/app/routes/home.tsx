import { useState } from "react";

export const meta = () => [{ title: "Home" }];

export default function Home() {
  const [count, setCount] = useState(0);
  return (
    <>
      <h1>Home</h1>
      <button id="count" onClick={() => setCount(count + 1)}>
        clicked {count}
      </button>
    </>
  );
}
