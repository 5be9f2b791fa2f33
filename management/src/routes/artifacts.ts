/** Artifacts over HTTP. */
import * as z from "zod";

import { missingArtifacts, putArtifact } from "../domain/artifacts.ts";
import { invalid } from "../errors.ts";
import { route } from "../route.ts";
import { issuesOf } from "../validation.ts";
import { digest } from "./fields.ts";

const putParams = z.object({ digest });

export const artifactRoutes = [
  route({
    id: "missingArtifacts",
    access: "workers:write",
    method: "post",
    path: "/api/v1/artifacts/missing",
    summary: "Says which artifacts are to be uploaded",
    body: z.strictObject({ digests: z.array(digest).max(20_000) }).meta({ id: "MissingRequest" }),
    answer: z.object({ missing: z.array(z.string()) }).meta({ id: "Missing" }),
    errors: ["unavailable"],
    handle: async ({ env, actor, body }) => ({ missing: await missingArtifacts(env, actor, body.digests) }),
  }),
  route({
    id: "putArtifact",
    access: "workers:write",
    method: "put",
    path: "/api/v1/artifacts/:digest",
    summary: "Stores an artifact under its digest",
    rawBody: true,
    answer: z.object({ digest, size: z.int() }).meta({ id: "Artifact" }),
    errors: ["quota_exceeded", "too_large", "unavailable"],
    async handle({ env, actor, request, params }) {
      const checked = putParams.safeParse({ digest: params.digest });
      if (!checked.success) throw invalid(issuesOf(checked.error));
      const announced = Number(request.headers.get("content-length") ?? 1);
      return { digest: params.digest, size: await putArtifact(env, actor, params.digest, request.body, announced) };
    },
  }),
];
