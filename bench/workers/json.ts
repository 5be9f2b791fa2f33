// 100 KB of JSON, read and written ten times for each request, so that little else is measured.
const rows = Array.from({ length: 1000 }, (_, id) => ({
  id,
  name: `user ${id}`,
  email: `user${id}@example.com`,
  active: id % 2 === 0,
  score: id * 1.5,
  tags: ["a", "b"],
}));
const text = JSON.stringify(rows);

export default {
  fetch(): Response {
    let length = 0;
    for (let i = 0; i < 10; i++) length += JSON.stringify(JSON.parse(text)).length;
    return new Response(String(length));
  },
};
