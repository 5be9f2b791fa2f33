// luxon
import { DateTime, Duration, Interval } from "luxon";
export default async ({ equal }) => {
  const d = DateTime.fromISO("2024-03-10T01:30:00", { zone: "America/New_York" });
  equal([d.plus({ hours: 1 }).toISO(), d.setZone("Asia/Kolkata").toFormat("yyyy-LL-dd HH:mm ZZ"), Duration.fromObject({ hours: 36 }).shiftTo("days", "hours").toObject(), d.setLocale("fr").toLocaleString(DateTime.DATE_FULL), d.weekdayLong], ["2024-03-10T03:30:00.000-04:00", "2024-03-10 12:00 +05:30", { days: 1, hours: 12 }, "10 mars 2024", "Sunday"]);
};
