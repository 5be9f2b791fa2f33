const entries = document.querySelector("#entries");
const form = document.querySelector("#form");
const problem = document.querySelector("#problem");

async function call(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

function element(name, text) {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}

async function show() {
  const answer = await call("/api/entries");
  entries.replaceChildren(
    ...answer.entries.map((entry) => {
      const item = document.createElement("li");
      item.append(element("strong", entry.name), " ", element("time", new Date(entry.created_at).toLocaleString()));
      item.append(element("p", entry.text));
      return item;
    }),
  );
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    await call("/api/entries", { method: "POST", headers: { "content-type": "application/json" }, body });
    form.reset();
    problem.textContent = "";
    await show();
  } catch (error) {
    problem.textContent = error.message;
  }
});

document.querySelector("#greeting").textContent = (await call("/api/greeting")).greeting;
await show();
