/** SQL of who has uploaded which artifacts. */
import type { Database, Statement } from "../env.ts";

/** Of the digests, those that the organization has uploaded, or that one of its versions runs: the host makes components anew too. */
export async function owned(db: Database, organizationId: string, digests: readonly string[]): Promise<Set<string>> {
  const sql = `
    SELECT a.digest FROM artifacts a JOIN json_each(?2) j ON j.value = a.digest
    WHERE a.organization_id = ?1
    UNION
    SELECT v.component FROM versions v JOIN workers w ON w.id = v.worker_id JOIN json_each(?2) j ON j.value = v.component
    WHERE w.organization_id = ?1`;
  const { results } = await db.prepare(sql).bind(organizationId, JSON.stringify(digests)).all<{ digest: string }>();
  return new Set(results.map((row) => row.digest));
}

export interface NewArtifact {
  organizationId: string;
  digest: string;
  size: number;
  now: number;
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, artifact: NewArtifact, guards: readonly Statement[]): Promise<void> {
  const sql = "INSERT INTO artifacts (organization_id, digest, size, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
  await db.batch([...guards, db.prepare(sql).bind(artifact.organizationId, artifact.digest, artifact.size, artifact.now)]);
}
