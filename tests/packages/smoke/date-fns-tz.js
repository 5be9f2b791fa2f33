// date-fns-tz
import { formatInTimeZone, fromZonedTime } from "date-fns-tz";
export default async ({ equal }) => {
  equal(formatInTimeZone(new Date(Date.UTC(2024, 6, 1, 12)), "America/New_York", "yyyy-MM-dd HH:mm zzz"), "2024-07-01 08:00 EDT");
  equal(fromZonedTime("2024-01-01 00:00", "Asia/Tokyo").toISOString(), "2023-12-31T15:00:00.000Z");
};
