/** Every route of the API but that of its own description. */
import type { Route } from "../route.ts";
import { aliasRoutes } from "./aliases.ts";
import { artifactRoutes } from "./artifacts.ts";
import { databaseRoutes } from "./databases.ts";
import { deploymentRoutes } from "./deployments.ts";
import { domainRoutes } from "./domains.ts";
import { environmentRoutes } from "./environments.ts";
import { executionRoutes } from "./executions.ts";
import { healthRoutes } from "./health.ts";
import { tableRoutes } from "./tables.ts";
import { versionRoutes } from "./versions.ts";
import { workerRoutes } from "./workers.ts";

export const routes: readonly Route[] = [
  ...healthRoutes,
  ...workerRoutes,
  ...artifactRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...aliasRoutes,
  ...executionRoutes,
  ...environmentRoutes,
  ...databaseRoutes,
  ...tableRoutes,
  ...domainRoutes,
];
