import { createContext, createRequestHandler, RouterContextProvider } from "react-router";

interface Env {
  GREETING: string;
}

export const envContext = createContext<Env>();

const handle = createRequestHandler(() => import("virtual:react-router/server-build"), import.meta.env.MODE);

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    const context = new RouterContextProvider();
    context.set(envContext, env);
    return handle(request, context);
  },
};
