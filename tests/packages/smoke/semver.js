// semver
import semver from "semver";
export default async ({ equal }) => { equal([semver.satisfies("1.2.3", "^1.2"), semver.inc("1.2.3", "minor"), semver.sort(["2.0.0", "1.10.0", "1.9.0"])], [true, "1.3.0", ["1.9.0", "1.10.0", "2.0.0"]]); };
