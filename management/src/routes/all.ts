/** Every route of the API but that of its own description. */
import type { Route } from "../route.ts";
import { adminRoutes } from "./admin.ts";
import { artifactRoutes } from "./artifacts.ts";
import { auditRoutes } from "./audit.ts";
import { cronRoutes } from "./crons.ts";
import { databaseRoutes } from "./databases.ts";
import { deploymentRoutes } from "./deployments.ts";
import { environmentRoutes } from "./environments.ts";
import { executionRoutes } from "./executions.ts";
import { healthRoutes } from "./health.ts";
import { invitationRoutes } from "./invitations.ts";
import { issuerRoutes } from "./issuers.ts";
import { keyRoutes } from "./keys.ts";
import { memberRoutes } from "./members.ts";
import { organizationRoutes } from "./organizations.ts";
import { profileRoutes } from "./profile.ts";
import { quotaRoutes } from "./quotas.ts";
import { signInRoutes } from "./sign-in.ts";
import { tableRoutes } from "./tables.ts";
import { usageRoutes } from "./usage.ts";
import { versionRoutes } from "./versions.ts";
import { workerRoutes } from "./workers.ts";

export const routes: readonly Route[] = [
  ...healthRoutes,
  ...signInRoutes,
  ...profileRoutes,
  ...workerRoutes,
  ...artifactRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...executionRoutes,
  ...cronRoutes,
  ...environmentRoutes,
  ...databaseRoutes,
  ...tableRoutes,
  ...organizationRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...keyRoutes,
  ...issuerRoutes,
  ...auditRoutes,
  ...quotaRoutes,
  ...usageRoutes,
  ...adminRoutes,
];
