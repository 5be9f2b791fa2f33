// @octokit/core
import { Octokit } from "@octokit/core";
export default async ({ env, equal }) => { const { data, status } = await new Octokit({ baseUrl: `${env.UPSTREAM}/github`, auth: "t" }).request("GET /repos/{owner}/{repo}", { owner: "o", repo: "r" }); equal([status, data.full_name], [200, "o/r"]); };
