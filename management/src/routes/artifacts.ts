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
    method: "post",
    path: "/api/v1/artifacts/missing",
    summary: "Says which artifacts are to be uploaded",
    body: z.strictObject({ digests: z.array(digest).max(20_000) }).meta({ id: "MissingRequest" }),
    answer: z.object({ missing: z.array(z.string()) }).meta({ id: "Missing" }),
    errors: ["unavailable"],
    handle: async ({ env, body }) => ({ missing: await missingArtifacts(env, body.digests) }),
  }),
  route({
    id: "putArtifact",
    method: "put",
    path: "/api/v1/artifacts/:digest",
    summary: "Stores an artifact under its digest",
    rawBody: true,
    answer: z.object({ digest, size: z.int() }).meta({ id: "Artifact" }),
    errors: ["too_large", "unavailable"],
    async handle({ env, request, params }) {
      const checked = putParams.safeParse({ digest: params.digest });
      if (!checked.success) throw invalid(issuesOf(checked.error));
      return { digest: params.digest, size: await putArtifact(env, params.digest, request.body) };
    },
  }),
];
