// dayjs
import dayjs from "dayjs"; import utc from "dayjs/plugin/utc"; import timezone from "dayjs/plugin/timezone"; import relativeTime from "dayjs/plugin/relativeTime"; import "dayjs/locale/fr";
export default async ({ equal }) => {
  dayjs.extend(utc); dayjs.extend(timezone); dayjs.extend(relativeTime);
  equal(dayjs.utc("2024-07-01T12:00:00Z").tz("Europe/Paris").format("YYYY-MM-DD HH:mm Z"), "2024-07-01 14:00 +02:00");
  equal(dayjs.tz("2024-01-01 00:00", "America/Los_Angeles").toISOString(), "2024-01-01T08:00:00.000Z");
  equal(dayjs("2024-01-01").locale("fr").from(dayjs("2024-01-03")), "il y a 2 jours");
};
