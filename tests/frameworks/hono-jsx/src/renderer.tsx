import { jsxRenderer } from "hono/jsx-renderer";
import { Link, Script, ViteClient } from "vite-ssr-components/hono";

export const renderer = jsxRenderer(
  ({ children, title }) => (
    <html lang="en">
      <head>
        <title>{title}</title>
        <ViteClient />
        <Script src="/src/client.tsx" />
        <Link href="/src/style.css" rel="stylesheet" />
        <link rel="icon" href="/icon.svg" />
      </head>
      <body>
        <nav>
          <a href="/">Home</a> <a href="/notes">Notes</a> <a href="/slow">Slow</a>
        </nav>
        {children}
      </body>
    </html>
  ),
  { stream: true },
);

declare module "hono" {
  interface ContextRenderer {
    (content: string | Promise<string>, head: { title: string }): Response | Promise<Response>;
  }
}
