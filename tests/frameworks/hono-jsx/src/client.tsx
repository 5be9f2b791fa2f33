import { useState } from "hono/jsx";
import { render } from "hono/jsx/dom";

function Island() {
  const [count, setCount] = useState(0);
  const [path, setPath] = useState("");
  const ask = async () => {
    const answer = await fetch("/api/time");
    const { path } = (await answer.json()) as { path: string };
    setPath(path);
  };
  return (
    <>
      <button id="count" onClick={() => setCount(count + 1)}>
        clicked {count}
      </button>
      <button id="ask" onClick={ask}>
        ask
      </button>
      <p id="answer">{path}</p>
    </>
  );
}

const island = document.getElementById("island");
if (island !== null) render(<Island />, island);
