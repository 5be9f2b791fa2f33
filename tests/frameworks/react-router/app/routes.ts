import { index, route, type RouteConfig } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  route("about", "routes/about.tsx"),
  route("notes", "routes/notes.tsx"),
  route("slow", "routes/slow.tsx"),
] satisfies RouteConfig;
